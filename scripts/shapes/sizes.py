"""Problems beyond every power of two at which code breaks, each long in one place only."""

POWERS = range(8, 17)
WINDOW_POWERS = range(6, 17)


def long_windows(taps):
    """Windows of so many taps along one axis, and over two: DESC by the reason."""
    side = int(taps**0.5) + 1
    return {
        f"taps{taps}:w": f"mb1ic2_iw{taps + 2}ow3kw{taps}pw0",
        f"taps{taps}:h": f"mb1ic1_ih{taps + 1}oh2kh{taps}ph0_iw1kw1",
        f"taps{taps}:d": f"mb1ic1_id{taps + 1}od2kd{taps}pd0_ih1kh1_iw1kw1",
        f"taps{side * side}:square": f"mb1ic2_ih{side}oh1kh{side}ph0_iw{side + 1}ow2kw{side}pw0",
    }


def long_extents(n):
    """What every operation with windows can be long in."""
    return {
        f"w{n}": f"mb1ic1_iw{n}kw3sw2pw1",
        f"h{n}": f"mb1ic1_ih{n}kh2sh2_iw1kw1",
        f"d{n}": f"mb1ic1_id{n}kd2sd1_ih1kh1_iw1kw1",
        f"batch{n}": f"mb{n}ic1_iw2kw2",
        f"channels{n}": f"mb1ic{n}_iw2kw2",
        f"stride{n}": f"mb1ic1_iw{n + 2}ow2kw2sw{n}pw0",
    }


def strided(n):
    return long_extents(n) | {
        f"padding{n}": f"mb1ic1_iw5ow{n + 3}kw2pw{n}",
        f"dilation{n}": f"mb1ic1_iw{n + 3}ow3kw2pw0dw{n - 1}",
    }


def conv(n):
    lists = {name: desc.replace("ic1_", "ic1oc2_") for name, desc in strided(n).items()}
    lists[f"channels{n}"] = f"mb1ic{n}oc1_iw2kw2"
    lists[f"outputs{n}"] = f"mb1ic1oc{n}_iw2kw2"
    lists[f"depthwise{n}"] = f"g{n}mb1ic{n}oc{n}_iw3kw2sw2"
    return lists


def conv_windows(taps):
    """Long ones lie in padding but for their last taps: a plain data gradient tries every tap at every input."""
    if taps > 4096:
        return {
            f"taps{taps}:w": f"mb1ic1oc2_iw5ow3kw{taps}pw{taps - 3}",
            f"taps{taps}:h": f"mb1ic1oc2_ih5oh3kh{taps}ph{taps - 3}_iw1kw1",
            f"taps{taps}:d": f"mb1ic1oc2_id5od3kd{taps}pd{taps - 3}_ih1kh1_iw1kw1",
        }
    return {name: desc.replace("ic2", "ic1oc2").replace("ic1_", "ic1oc2_")
            for name, desc in long_windows(taps).items()}


def whole(n):
    side = int(n**0.5) + 1
    return {
        f"w{2 * n}": f"mb1ic5_iw{2 * n}",  # so that of five maxima one lies beyond n
        f"h{n}": f"mb1ic1_ih{n}_iw1",
        f"d{n}": f"mb1ic1_id{n}_ih1_iw1",
        f"square{side}": f"mb1ic2_ih{side}_iw{side}",
        f"batch{n}": f"mb{n}ic1_iw2",
        f"channels{n}": f"mb1ic{n}_iw2",
    }


def adaptive(n):
    return {
        f"w{n}:to2": f"mb1ic3_iw{n}ow2",
        f"h{n}:to2": f"mb1ic1_ih{n}oh2_iw1ow1",
        f"d{n}:to2": f"mb1ic1_id{n}od2_ih1oh1_iw1ow1",
        f"w{n}:to_one_less": f"mb1ic1_iw{n}ow{n - 1}",
        f"w{n}:to_two_thirds": f"mb1ic1_iw{n}ow{2 * n // 3}",
        f"h{n}:unchanged": f"mb1ic1_ih{n}oh{n}_iw1ow1",
        f"w3:to{n}": f"mb1ic1_iw3ow{n}",
        f"batch{n}": f"mb{n}ic1_iw3ow2",
        f"channels{n}": f"mb1ic{n}_iw3ow2",
    }


def blocks(n):
    return {
        f"w{2 * n}": f"mb1ic1_iw{2 * n}kw2",
        f"h{2 * n}": f"mb1ic1_ih{2 * n}kh2_iw1kw1",
        f"d{2 * n}": f"mb1ic1_id{2 * n}kd2_ih1kh1_iw1kw1",
        f"block{n}:w": f"mb1ic1_iw{2 * n}kw{n}",
        f"block{n}:h": f"mb1ic2_ih{n}kh{n}_iw1kw1_crd",
        f"batch{n}": f"mb{n}ic1_iw2kw2",
        f"channels{n}": f"mb1ic{n}_iw2kw2_crd",
    }


STRIDED = ("max", "avg_p", "avg_np")
GLOBAL = ("gap", "gmp")
FLOATS = (
    *((op, strided, long_windows) for op in (*STRIDED, "lp")),
    ("conv", conv, conv_windows),
    ("blur", long_extents, None),
    ("s2d", blocks, None),
    *((op, whole, None) for op in GLOBAL),
    *((op, adaptive, None) for op in ("adaptive_max", "adaptive_avg")),
)
INTEGERS = (
    *((f"{op}:{dtype}", strided, long_windows) for op in STRIDED for dtype in ("s8", "u8")),
    *((f"{op}:{dtype}", whole, None) for op in GLOBAL for dtype in ("s8", "u8")),
)


def lines(tables):
    """Every problem of some operations, to be run in every direction and in nchw and nhwc."""
    for op, extents, windows in tables:
        for power in POWERS:
            for name, desc in extents(2**power + 1).items():
                yield f'{op}:{desc}_n"{name}"'
        for power in WINDOW_POWERS if windows else ():
            for name, desc in windows(3 * 2 ** (power - 1) + 1).items():
                yield f'{op}:{desc}_n"{name}"'
