/* The descriptor against benchdnn's own reader (oneDNN, tests/benchdnn/pool/pool_aux.cpp and
 * conv/conv_aux.cpp, sanitize_desc in common.cpp): one verdict a line, worked out from its rules.
 * Its batch files are in test_cli.c. */
#include "poolbench.h"
#include <criterion/criterion.h>
#include <string.h>

/* What both read, and what it means: every default and deduced extent written out, squares and
 * cubes once. */
static const struct {
    const char *text, *means;
} both_read[] = {
        /* rank by the axes that are there; the copied ones */
        {"max:ic3iw9kw3", "mb2ic3_iw9ow7kw3pw0"},
        {"max:ic3ih9kh3", "mb2ic3_ih9oh7kh3ph0"},
        {"max:ic3id9kd3", "mb2ic3_id9od7kd3pd0"},
        {"max:ic3ih9kh3iw5kw1", "mb2ic3_ih9oh7kh3ph0_iw5ow5kw1pw0"},
        {"max:ic3id9kd3ih5kh1iw4kw2", "mb2ic3_id9od7kd3pd0_ih5oh5kh1ph0_iw4ow3kw2pw0"},
        {"conv:ic3oc4iw9kw3", "mb2ic3oc4_iw9ow7kw3pw0"},
        {"conv:ic3oc4ih9kh3", "mb2ic3oc4_ih9oh7kh3ph0"},
        {"conv:ic3oc4id9kd3", "mb2ic3oc4_id9od7kd3pd0"},
        /* a padding of 0, a stride of 1 and a dilation of 0 say nothing of an axis */
        {"max:ic3ih9kh3pw0sw1dw0", "mb2ic3_ih9oh7kh3ph0"},
        {"conv:ic3oc4ih9kh3pd0sd1dd0_pw0", "mb2ic3oc4_ih9oh7kh3ph0"},
        /* the output follows, rounded down */
        {"avg_p:ic3iw9kw3sw2", "mb2ic3_iw9ow4kw3sw2pw0"},
        {"avg_p:ic3iw10kw3sw2pw1", "mb2ic3_iw10ow5kw3sw2pw1"},
        {"conv:ic3oc4iw9kw3dw2", "mb2ic3oc4_iw9ow3kw3pw0dw2"},
        /* the padding follows, cut as C divides */
        {"max:ic3iw9ow9kw3", "mb2ic3_iw9ow9kw3pw1"},
        {"max:ic3iw9ow9kw4", "mb2ic3_iw9ow9kw4pw1"},
        {"max:ic3iw9ow5kw1sw2", "mb2ic3_iw9ow5kw1sw2pw0"},
        {"max:ic3iw10ow5kw1sw2", "mb2ic3_iw10ow5kw1sw2pw0"},
        {"conv:ic3oc4ih7oh7kh3dh1", "mb2ic3oc4_ih7oh7kh3ph2dh1"},
        /* both given are taken, whatever they imply */
        {"max:ic3iw9ow2kw3pw4", "mb2ic3_iw9ow2kw3pw4"},
        {"max:ic3iw9ow20kw3pw0", "mb2ic3_iw9ow20kw3pw0"},
        {"conv:ic16oc16_iw1kw3ow100pw100", "mb2ic16oc16_iw1ow100kw3pw100"},
        /* an output or input that is written as 0 was not given */
        {"max:ic3iw9ow0kw3pw1", "mb2ic3_iw9ow9kw3pw1"},
        {"max:ic3ih9kh3iw0kw0ow0", "mb2ic3_ih9oh7kh3ph0"},
        /* keys in any order, the last of two wins, `_` after a key */
        {"max:kw3iw9ic3", "mb2ic3_iw9ow7kw3pw0"},
        {"max:mb1ic7_mb4ic3iw9iw8_kw3", "mb4ic3_iw8ow6kw3pw0"},
        {"max:ic3_iw9_kw3_", "mb2ic3_iw9ow7kw3pw0"},
        /* an empty batch, a sign and leading zeros as strtol takes them */
        {"max:mb0ic3iw9kw3", "mb0ic3_iw9ow7kw3pw0"},
        {"max:ic+3iw09kw003", "mb2ic3_iw9ow7kw3pw0"},
        {"max:ic3iw9kw3pw-0", "mb2ic3_iw9ow7kw3pw0"},
        /* groups */
        {"conv:g1ic3oc4iw9kw3", "mb2ic3oc4_iw9ow7kw3pw0"},
        {"conv:g3mb1ic3oc6iw9kw3", "g3mb1ic3oc6_iw9ow7kw3pw0"},
        /* the name is the rest */
        {"max:ic3iw9kw3n", "mb2ic3_iw9ow7kw3pw0"},
        {"max:ic3iw9kw3_nkw5mb7", "mb2ic3_iw9ow7kw3pw0_nkw5mb7"},
        {"max:ic3iw9kw3n_", "mb2ic3_iw9ow7kw3pw0_n_"},
        {"max:ic3iw9kw3n\"a:b#c\"", "mb2ic3_iw9ow7kw3pw0_n\"a:b#c\""},
        /* a pool's dilation alone is no axis: square, as in the shapes of its 2-D list */
        {"max:mb1ic8_ih3oh3_kh3ph1_dh2dw2", "mb1ic8_ih3oh3kh3ph1dh2"},
};

/* What neither reads, and the word that our sentence must have. */
static const struct {
    const char *text, *names;
} neither_reads[] = {
        {"max:", "ic"},
        {"max:nname", "ic"},
        {"max:ic3", "spatial"},
        {"max:ic3pw0", "spatial"},
        {"max:ic3kw3", "iw"},
        {"max:ic3iw9", "kw"},
        {"max:ic3iw9ow7", "kw"},
        {"max:ic3pw1", "iw"},
        {"max:ic3sw2", "iw"},
        {"max:ic3ih9kh3sw2", "iw"},
        {"max:ic3id9kd3pw1", "iw"},
        {"max:ic3id9kd3ih5kh1", "w"},
        {"max:ic3id9kd3iw5kw1", "h"},
        {"max:ic0iw9kw3", "ic"},
        {"max:ic3iw0kw3", "iw"},
        {"max:ic3iw9kw0", "kw"},
        {"max:ic3iw9kw3sw0", "sw"},
        {"max:ic3ih9kh3sw0", "sw"},
        {"max:ic3iw2kw3", "ow"},
        {"max:ic3iw1kw4sw2", "ow"},
        {"max:ic3iw9kw3pw-1", "pw"},
        {"max:mb-1ic3iw9kw3", "mb"},
        {"max:ic3iw9kw3_x", "x"},
        {"max:x", "x"},
        {"max:_ic3iw9kw3", "_"},
        {"max:ic3__iw9kw3", "_"},
        {"max:ic3iw9kw3-", "-"},
        {"max:ic3iw9kw3,", ","},
        {"max:ic3iw9kw", "kw"},
        {"max:iciw9kw3", "ic"},
        {"max:ic3iw9kw3.5", "."},
        {"max:ic3iw9kw0x3", "x3"},
        {"max:IC3iw9kw3", "IC3"},
        {"max:ic3oc4iw9kw3", "oc4"}, /* a pool has no output channels and no groups */
        {"max:g1ic3iw9kw3", "g1"},
        {"max:ic3i9k3", "i9"},
        {"conv:ic3iw9kw3", "oc"},
        {"conv:oc4iw9kw3", "ic"},
        {"conv:ic3oc0iw9kw3", "oc"},
        {"conv:g0ic3oc3iw9kw3", "g"},
        {"conv:g-1ic3oc3iw9kw3", "g"},
        {"conv:ic3oc4ih9kh3dw1", "iw"}, /* of a convolution a dilation alone is an axis */
        {"conv:ic3oc4ih9kh3dh1dw1", "iw"},
};

/* What benchdnn's reader takes and ours does not, and why that is no loss. */
static const struct {
    const char *text, *names;
} only_benchdnn_reads[] = {
        /* oneDNN refuses to make them: a negative padding in front, channels that g does not
         * divide (pooling_desc_init, conv_desc_init) */
        {"max:ic3iw10ow3kw2sw2", "pw"},
        {"conv:ic3oc4iw20ow2kw3", "pw"},
        {"conv:g2ic3oc4iw9kw3", "g"},
        {"conv:g2ic4oc3iw9kw3", "g"},
        /* it makes one output of a window that does not fit, where C's division gives -1/2 as 0:
         * the trailing padding that nobody declared is invented */
        {"avg_np:ic3iw1kw3sw3", "no ow"},
        {"max:ic3ih1kh2sh2_iw4kw2sw2", "no oh"},
        {"conv:ic3oc4iw2kw3sw2", "no ow"},
        /* it drops the dilation of an axis that it copies or that is not there; we say so */
        {"max:ic3ih9kh3dw1", "dw"},
        {"max:ic3ih9kh3dh1dw2", "dw"},
        {"avg_p:ic3iw9kw3dh1", "dh"},
        /* strtol holds at the largest number, and passes over spaces (no batch file has one) */
        {"max:ic3iw9223372036854775808kw3", "iw"},
        {"max:ic3iw 9kw3", "iw"},
        /* extents whose products overflow; it finds out while it runs */
        {"max:ic3iw4611686018427387904kw3", "w"},
        {"max:mb4294967296ic4294967296iw9kw3", "size"},
};

/* Keys of our own: benchdnn's reader knows neither. */
static const char *const only_we_read[] = {
        "max:ic3iw9kw3sw2ceil",
        "avg_p:ic3iw9kw3div5",
        "lp:ic3iw9kw3pow1.5",
        "s2d:ic3ih8kh2crd",
};

#define COUNT(table) (sizeof table / sizeof table[0])

Test(benchdnn, what_both_read_means_the_same) {
    for (size_t i = 0; i < COUNT(both_read); i++) {
        struct pb_problem problem;
        char text[PB_TEXT_SIZE];
        enum pb_status status = pb_problem_parse(both_read[i].text, &problem);
        cr_expect_eq(status, PB_OK, "%s: %s", both_read[i].text, pb_error());
        if (status) continue;
        const char *desc = strstr(pb_problem_print(&problem, text), ":fwd:") + strlen(":fwd:");
        cr_expect_str_eq(desc, both_read[i].means, "%s", both_read[i].text);
    }
}

static void expect_refused(const char *text, const char *names) {
    struct pb_problem problem;
    cr_expect_eq(pb_problem_parse(text, &problem), PB_INVALID, "%s was accepted", text);
    cr_expect(strstr(pb_error(), names), "%s: \"%s\" does not name %s", text, pb_error(), names);
}

Test(benchdnn, what_benchdnn_refuses_is_refused) {
    for (size_t i = 0; i < COUNT(neither_reads); i++)
        expect_refused(neither_reads[i].text, neither_reads[i].names);
}

Test(benchdnn, what_only_benchdnn_reads_is_refused_with_a_reason) {
    for (size_t i = 0; i < COUNT(only_benchdnn_reads); i++)
        expect_refused(only_benchdnn_reads[i].text, only_benchdnn_reads[i].names);
}

Test(benchdnn, keys_of_our_own_are_read) {
    for (size_t i = 0; i < COUNT(only_we_read); i++) {
        struct pb_problem problem;
        cr_expect_eq(pb_problem_parse(only_we_read[i], &problem), PB_OK, "%s: %s", only_we_read[i],
                     pb_error());
    }
}
