#!/usr/bin/env python3
"""Prints the expected bits of schedule_test.cpp: docs/numerics.md, section "Learning rate", in exact
fractions that are rounded to float32 after each operation."""
import struct
from fractions import Fraction


def f32(x):
    """The float32 nearest to a fraction, ties to even."""
    x = Fraction(x)
    if x == 0:
        return x
    exponent = 0
    while abs(x) * Fraction(2) ** -exponent >= 2**24:
        exponent += 1
    while abs(x) * Fraction(2) ** -exponent < 2**23:
        exponent -= 1
    return round(x * Fraction(2) ** -exponent) * Fraction(2) ** exponent  # round() ties to even


def rate(peak, warmup, start, t, steps):
    warm = int(f32(f32(steps) * warmup))
    if t < warm:
        share = f32(f32(t) / f32(warm))
        return f32(start + f32(f32(peak - start) * share))
    w = f32(f32(steps - t) / f32(2 * (steps - warm)))
    z = f32(w * w)
    c1, c3, c5, c7, c9 = (
        Fraction(float.fromhex(c))
        for c in ("0x1.921fb6p+1", "-0x1.4abbc2p+2", "0x1.4668b0p+1", "-0x1.324ccap-1", "0x1.3daff6p-4")
    )
    s = f32(c7 + f32(z * c9))
    s = f32(c5 + f32(z * s))
    s = f32(c3 + f32(z * s))
    s = f32(c1 + f32(z * s))
    s = min(Fraction(1), f32(w * s))
    return f32(peak * f32(s * s))


def bits(value):
    return struct.unpack("<I", struct.pack("<f", float(value)))[0]


if __name__ == "__main__":
    peak = f32(Fraction("0.05"))
    for step in (0, 1, 100, 467, 468, 469, 1000, 1404, 2000, 2338, 2339):
        value = rate(peak, f32(Fraction("0.2")), f32(peak / 25), step, 2340)
        print(f"  EXPECT_EQ(bits(learning_rate(one_cycle, {step}, 2340, 468)), 0x{bits(value):08X}U);")
    total = sum(bits(rate(Fraction(1), Fraction(0), Fraction(0), t, 20000)) for t in range(20000))
    print(f"  EXPECT_EQ(total, {total}U);")
