// Writes a small capture for each unit that reads captures into the folder given, with expected
// results from the golden model: an example of the format, and its test.
#include <cstdio>

#include "common/capture.hpp"
#include "model/ops/range_bn.hpp"

namespace {

using namespace octet;

std::uint32_t next(std::uint32_t& state) { return state = state * 1664525U + 1013904223U; }

void write_requantise(const std::string& folder) {
  const model::RandomAddress address{7, 3, 17};
  const std::vector<std::int32_t> mantissa = {1500000000, 1 << 30, -1200000000};
  const std::vector<std::int32_t> exponent = {8, 9, 7};
  std::vector<std::int32_t> x;
  std::vector<std::uint16_t> code;
  std::uint32_t state = 1;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const std::uint64_t element = 96 + i;
    x.push_back(static_cast<std::int32_t>(next(state)) >> 14);
    const model::Multiplier factor{mantissa[element % 3], exponent[element % 3]};
    code.push_back(static_cast<std::uint16_t>(model::quantise_wide_stochastic(
        x.back(), factor, 100, 255, model::random_bits(address, element))));
  }
  CaptureWriter file(folder + "/example.requantise.capture");
  file.add("x", x);
  file.add("mantissa", mantissa);
  file.add("exponent", exponent);
  file.add("params", std::vector<std::int32_t>{100, 255, 1});
  file.add("random", std::vector<std::uint32_t>{address.seed, address.step, address.stream});
  file.add("first_element", std::vector<std::int64_t>{96});
  file.add("code", code);
  file.finish();
}

void write_mac_array(const std::string& folder) {
  constexpr std::int64_t kM = 11, kN = 5, kK = 30;
  std::vector<std::int32_t> a, b;
  std::vector<std::int64_t> sums(kM * kN);
  std::uint32_t state = 2;
  for (std::int64_t k = 0; k < kK; ++k) {
    for (std::int64_t m = 0; m < kM; ++m)
      a.push_back(static_cast<std::int32_t>(next(state) >> 24) - 9);
    for (std::int64_t n = 0; n < kN; ++n)
      b.push_back(static_cast<std::int32_t>(next(state) >> 16) - 999);
    for (std::int64_t m = 0; m < kM; ++m) {
      for (std::int64_t n = 0; n < kN; ++n) {
        sums[static_cast<std::size_t>(m * kN + n)] +=
            std::int64_t{a[static_cast<std::size_t>(k * kM + m)]} *
            b[static_cast<std::size_t>(k * kN + n)];
      }
    }
  }
  CaptureWriter file(folder + "/example.mac_array.capture");
  file.add("shape", std::vector<std::int64_t>{kM, kN, kK});
  file.add("a", a);
  file.add("b", b);
  file.add("sums", sums);
  file.finish();
}

void write_range_bn(const std::string& folder) {
  constexpr int kChannels = 3, kRows = 50, kChunks = 8;
  std::vector<std::uint8_t> q, g8, y(kRows * kChannels);
  std::vector<std::uint16_t> g16;
  std::uint32_t state = 3;
  for (int i = 0; i < kRows * kChannels; ++i) {
    q.push_back(static_cast<std::uint8_t>(next(state) >> 24));
    g8.push_back(static_cast<std::uint8_t>(next(state) >> 24));
    g16.push_back(static_cast<std::uint16_t>(next(state) >> 16));
  }
  std::vector<model::RangeBnStats> stats(kChannels);
  model::RangeBnExtremes extremes;
  model::range_bn_statistics_ref(q, kChannels, kChunks, stats, extremes);
  std::vector<model::RangeBnApply> channels;
  std::vector<std::int32_t> mu, mantissa, exponent, bias;
  for (const model::RangeBnStats& s : stats) {
    channels.push_back({s.mu, {1600000000, 1}, 5000});
    mu.push_back(s.mu);
    mantissa.push_back(1600000000);
    exponent.push_back(1);
    bias.push_back(5000);
  }
  const model::RandomAddress address{1, 2, 8};
  model::range_bn_apply_ref(q, channels, 0, {1.0F, 120, 255}, model::Rounding::kStochastic, address,
                            y);
  std::vector<model::RangeBnSums> sums(kChannels);
  model::range_bn_gradient_sums_ref<std::uint8_t>(g8, 128, q, stats, sums);
  std::vector<model::RangeBnBackward> scalars;
  for (std::size_t c = 0; c < kChannels; ++c) {
    scalars.push_back(model::range_bn_backward_scalars(sums[c], kRows, stats[c].range_sum));
  }
  std::vector<std::int32_t> e(q.size());
  model::range_bn_backward_ref(g8, 128, kChannels, kChunks, stats, extremes, scalars, e);
  CaptureWriter file(folder + "/example.range_bn.capture");
  file.add("shape", std::vector<std::int64_t>{kRows, kChannels, kChunks});
  file.add("q", q);
  file.add("mu", mu);
  file.add("mantissa", mantissa);
  file.add("exponent", exponent);
  file.add("bias", bias);
  file.add("params", std::vector<std::int32_t>{120, 255, 1});
  file.add("random", std::vector<std::uint32_t>{address.seed, address.step, address.stream});
  file.add("g8", g8);
  file.add("g16", g16);
  file.add("zero_points", std::vector<std::int32_t>{128, 32768});
  file.add("e", e);
  file.add("y", y);
  file.finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "capture_example: usage: capture_example DIR\n");
    return 2;
  }
  try {
    write_requantise(argv[1]);
    write_mac_array(argv[1]);
    write_range_bn(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "capture_example: %s\n", error.what());
    return 1;
  }
  return 0;
}
