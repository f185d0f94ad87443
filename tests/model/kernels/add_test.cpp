#include "model/ops/add.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

Multiplier any_factor(std::mt19937& random, int exponent) {
  if (random() % 20 == 0) return {};
  auto mantissa = static_cast<std::int32_t>(1U << 30 | (random() & 0x3FFFFFFFU));
  if (random() % 8 == 0) mantissa = random() % 2 == 0 ? kMax : 1 << 30;
  return {random() % 3 == 0 ? -mantissa : mantissa, exponent};
}

// A value of at most 31 - `shift` bits.
std::int32_t any_value(std::mt19937& random, std::uint32_t shift = 0) {
  constexpr std::int32_t kEnds[] = {kMin, kMin + 1, -1, 0, 1, kMax - 1, kMax};
  const std::uint32_t pick = random();
  if (pick % 8 == 0) return kEnds[random() % std::size(kEnds)] >> shift;
  return static_cast<std::int32_t>(random()) >> (shift + pick % (32 - shift));
}
// A bound of the magnitudes, as tight as can be or not.
std::int32_t any_bound(std::mt19937& random, const std::vector<std::int32_t>& values) {
  std::int64_t largest = 0;
  for (const std::int32_t value : values)
    largest = std::max<std::int64_t>(largest, value < 0 ? -std::int64_t{value} : value);
  if (random() % 4 == 0) largest = 2 * largest + 1;
  return static_cast<std::int32_t>(std::min<std::int64_t>(largest, kMax));
}

bool fits(std::int32_t a, std::int32_t b, const AddScales& scales) {
  const std::int64_t sum =
      std::int64_t{requantise_nearest(a, scales.a)} + requantise_nearest(b, scales.b);
  return sum >= kMin && sum <= kMax;
}

// What a kernel is to leave: sums, masked, and the extremes of all of them.
struct Expected {
  std::vector<std::uint8_t> mask;  // empty: none
  std::int32_t mask_zero = 0;
  std::vector<std::int32_t> out;
  std::int32_t low = kMax, high = kMin;
  std::int32_t start_low = kMax, start_high = kMin;
  std::int32_t largest_a = kMax, largest_b = kMax;

  void finish(std::mt19937& random) {
    if (random() % 2 == 0) {
      constexpr std::int32_t kZeros[] = {0, 127, 128, 255};
      mask_zero = kZeros[random() % 4];
      for (std::int32_t& value : out) {
        mask.push_back(static_cast<std::uint8_t>(
            random() % 2 == 0 ? random() : static_cast<std::uint32_t>(mask_zero) + random() % 2));
        if (mask.back() <= mask_zero) value = 0;
      }
    }
    if (random() % 3 == 0) {  // extremes that earlier pieces left
      start_low = any_value(random);
      start_high = any_value(random);
    }
    low = start_low;
    high = start_high;
    for (const std::int32_t value : out) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  template <class Run>  // run(job) calls the kernel
  void check(const AddScales& scales, std::vector<std::int32_t>& found, Run run) const {
    std::int32_t found_low = start_low, found_high = start_high;
    run(AddJob{out.size(),
               {scales.a.mantissa, scales.a.exponent},
               {scales.b.mantissa, scales.b.exponent},
               largest_a,
               largest_b,
               mask.empty() ? nullptr : mask.data(),
               mask_zero,
               found.data(),
               &found_low,
               &found_high});
    EXPECT_EQ(found, out);
    EXPECT_EQ(found_low, low);
    EXPECT_EQ(found_high, high);
  }
};

// Exponents from -30 to 31, each in its turn for b.
AddScales factors_of(std::mt19937& random, std::uint32_t seed) {
  const auto exponent = [](std::uint32_t i) { return static_cast<int>(i % 62) - 30; };
  const Multiplier a = any_factor(random, exponent(random()));
  return {1.0F, a, any_factor(random, exponent(seed))};
}

void wide_case(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  const AddScales scales = factors_of(random, seed);
  std::vector<std::int32_t> a(count), b(count);
  const std::uint32_t shift_a = random() % 32, shift_b = random() % 32;
  for (std::size_t i = 0; i < count; ++i) {
    a[i] = any_value(random, shift_a);
    b[i] = any_value(random, shift_b);
    if (!fits(a[i], b[i], scales)) b[i] = 0;  // the sum would leave 32 bits
  }
  Expected expected;
  expected.out.resize(count);
  expected.largest_a = any_bound(random, a);
  expected.largest_b = any_bound(random, b);
  add_wide_ref(a, b, scales, expected.out);
  expected.finish(random);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(count) + " values");
  std::vector<std::int32_t> found(count, 77);
  expected.check(scales, found,
                 [&](const AddJob& job) { kernels().add_wide(job, a.data(), b.data()); });
  found = a;  // in place of either operand
  expected.check(scales, found,
                 [&](const AddJob& job) { kernels().add_wide(job, found.data(), b.data()); });
  found = b;
  expected.check(scales, found,
                 [&](const AddJob& job) { kernels().add_wide(job, a.data(), found.data()); });
}

TEST(AddKernels, WideIsTheReference) {
  for (std::uint32_t seed = 1; seed <= 3030 && !HasFailure(); ++seed) wide_case(seed, seed % 101);
}

void codes_case(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  const AddScales scales = factors_of(random, seed);
  std::vector<std::uint8_t> a(count), b(count);
  for (auto& code : a) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random());
  for (auto& code : b) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 0 : random());
  const std::int32_t zeros[] = {0, 255, static_cast<std::int32_t>(random() % 256)};
  const std::int32_t zero_a = zeros[random() % 3], zero_b = zeros[random() % 3];
  for (std::size_t i = 0; i < count; ++i)  // without this the sum leaves 32 bits
    if (!fits(a[i] - zero_a, b[i] - zero_b, scales)) b[i] = static_cast<std::uint8_t>(zero_b);
  Expected expected;
  expected.out.resize(count);
  add_codes_ref(a, zero_a, b, zero_b, scales, expected.out);
  expected.finish(random);
  SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(count) + " values");
  std::vector<std::int32_t> found(count, 77);
  expected.check(scales, found, [&](const AddJob& job) {
    kernels().add_codes(job, a.data(), zero_a, b.data(), zero_b);
  });
}

TEST(AddKernels, CodesAreTheReference) {
  for (std::uint32_t seed = 1; seed <= 3030 && !HasFailure(); ++seed) codes_case(seed, seed % 101);
}

// The factors that training uses keep the sum at 2^24 but for their own rounding.
TEST(AddKernels, ScalesOfTheEngine) {
  std::mt19937 random(4);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::int32_t> a(37), b(37);
    for (auto& value : a) value = static_cast<std::int32_t>(random()) >> (random() % 20 + 1);
    for (auto& value : b) value = static_cast<std::int32_t>(random()) >> (random() % 20 + 1);
    const float mantissa = 1.0F + static_cast<float>(random() % 100) / 100.0F;
    const float scale = std::ldexp(mantissa, static_cast<int>(random() % 40) - 30);
    Expected expected;
    expected.largest_a = largest_magnitude(a);
    expected.largest_b = largest_magnitude(b);
    const AddScales scales = add_scales(expected.largest_a, 0.01F, expected.largest_b, scale);
    expected.out.resize(a.size());
    add_wide_ref(a, b, scales, expected.out);
    expected.finish(random);
    EXPECT_LE(largest_magnitude(expected.out), (1 << 24) + 8);
    std::vector<std::int32_t> found(a.size());
    expected.check(scales, found,
                   [&](const AddJob& job) { kernels().add_wide(job, a.data(), b.data()); });
  }
}

// Codes with the factors that training uses, which were f32.
TEST(AddKernels, CodesAtScalesOfTheEngine) {
  for (std::uint32_t seed = 1; seed <= 2000 && !HasFailure(); ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> a(seed % 101), b(a.size());
    for (auto& code : a) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random());
    for (auto& code : b) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 0 : random());
    const std::int32_t zeros[] = {0, 255, static_cast<std::int32_t>(random() % 256)};
    const std::int32_t zero_a = zeros[random() % 3], zero_b = zeros[random() % 3];
    const float mantissa = 1.0F + static_cast<float>(random() % 1000) / 1000.0F;
    const float scale = std::ldexp(mantissa, static_cast<int>(random() % 50) - 25);
    const AddScales scales =
        add_scales(largest_magnitude(a, zero_a), 0.01F, largest_magnitude(b, zero_b), scale);
    Expected expected;
    expected.out.resize(a.size());
    add_codes_ref(a, zero_a, b, zero_b, scales, expected.out);
    expected.finish(random);
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::vector<std::int32_t> found(a.size(), 77);
    expected.check(scales, found, [&](const AddJob& job) {
      kernels().add_codes(job, a.data(), zero_a, b.data(), zero_b);
    });
  }
}

}  // namespace
}  // namespace octet::model
