/* Looks at protobuf's wire format before protobuf-c unpacks it, which calls itself for a message
 * within a message however deep that goes, and makes structs of many bytes from messages of two. */
#include "onnx/file.h"

/* As protobuf's own readers have it; and far more than a model of today has. */
enum { DEEPEST = 100, MESSAGES_MOST = 1 << 20 };

/* What is left to look at of one message. */
struct span {
    const uint8_t *at, *end;
};

struct walk {
    int64_t messages;
    bool too_deep;
};

enum wire_type { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

static bool take_varint(struct span *span, uint64_t *value) {
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (span->at == span->end) return false;
        uint8_t byte = *span->at++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

/* Cuts off the bytes of one field. */
static bool take_field(struct span *span, uint64_t *key, struct span *field) {
    uint64_t length;
    if (!take_varint(span, key)) return false;
    field->at = span->at;
    switch (*key & 7) {
    case WIRE_VARINT:
        if (!take_varint(span, &length)) return false;
        length = 0;
        break;
    case WIRE_64:
        length = 8;
        break;
    case WIRE_32:
        length = 4;
        break;
    case WIRE_BYTES:
        if (!take_varint(span, &length)) return false;
        field->at = span->at;
        break;
    default:
        return false;
    }
    if (length > (uint64_t)(span->end - span->at)) return false;
    span->at += length;
    field->end = span->at;
    return true;
}

/* Whether it is a message of sound fields, to the bounds above. */
static bool is_sound(struct walk *walk, const ProtobufCMessageDescriptor *type, struct span span,
                     int depth) {
    if (++walk->messages > MESSAGES_MOST) return false;
    walk->too_deep |= depth > DEEPEST;
    while (!walk->too_deep && span.at < span.end) {
        uint64_t key;
        struct span inner;
        if (!take_field(&span, &key, &inner)) return false;
        if ((key & 7) != WIRE_BYTES || key >> 3 > UINT32_MAX) continue;
        const ProtobufCFieldDescriptor *field =
                protobuf_c_message_descriptor_get_field(type, (unsigned)(key >> 3));
        if (field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !is_sound(walk, field->descriptor, inner, depth + 1))
            return false;
    }
    return !walk->too_deep;
}

enum pb_status onnx_check_wire(const char *path, const char *what,
                               const ProtobufCMessageDescriptor *type, const uint8_t *data,
                               size_t size) {
    struct walk walk = {0};
    if (is_sound(&walk, type, (struct span){data, data + size}, 1)) return PB_OK;
    if (walk.too_deep)
        return pb_fail(PB_INVALID, "%s: messages are nested deeper than %d", path, DEEPEST);
    if (walk.messages > MESSAGES_MOST)
        return pb_fail(PB_INVALID, "%s: more than %d messages", path, MESSAGES_MOST);
    return pb_fail(PB_INVALID, "%s: not an ONNX %s, or cut short", path, what);
}
