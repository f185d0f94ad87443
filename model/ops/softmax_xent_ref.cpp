#include <algorithm>
#include <limits>
#include <vector>

#include "model/fixed/log2q.hpp"
#include "model/ops/exp2_table.hpp"
#include "model/ops/softmax_xent.hpp"

namespace octet::model {
namespace {

// 2^(-u / 2^16) with 30 fraction bits, u >= 0.
std::int64_t exp2_negative(std::int32_t u) {
  const int whole = u >> 16;
  if (whole > 30) return 0;
  const int index = (u >> 8) & 0xFF;
  const std::int64_t low = kExp2Table[static_cast<std::size_t>(index)];
  const std::int64_t high = kExp2Table[static_cast<std::size_t>(index) + 1];
  return (low - (((low - high) * (u & 0xFF)) >> 8)) >> whole;
}

}  // namespace

Multiplier softmax_factor(float logit_scale) {
  return quantise_multiplier((logit_scale * 1.44269502F) * 65536.0F);
}

SoftmaxResult softmax_xent_ref(std::span<const std::int32_t> logits, int classes, Multiplier factor,
                               std::span<const std::uint16_t> labels,
                               std::span<std::int32_t> gradient) {
  SoftmaxResult result;
  std::vector<std::int32_t> u(static_cast<std::size_t>(classes));
  std::vector<std::int64_t> p(static_cast<std::size_t>(classes));
  for (std::size_t n = 0; n < labels.size(); ++n) {
    const auto row = logits.subspan(n * u.size(), u.size());
    const auto best = std::max_element(row.begin(), row.end());  // the first of equals
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < u.size(); ++j) {
      const std::int64_t below = std::min<std::int64_t>(std::int64_t{*best} - row[j],
                                                        std::numeric_limits<std::int32_t>::max());
      u[j] = requantise_nearest(static_cast<std::int32_t>(below), factor);
      p[j] = exp2_negative(u[j]);
      sum += p[j];
    }
    const std::size_t label = labels[n];
    result.loss_q16_log2 +=
        std::int64_t{log2q(static_cast<std::uint64_t>(sum))} - (30 << 16) + u[label];
    result.correct += static_cast<std::size_t>(best - row.begin()) == label;
    if (gradient.empty()) continue;
    for (std::size_t j = 0; j < u.size(); ++j) {
      const std::int64_t share = ((p[j] << 24) + sum / 2) / sum;
      gradient[n * u.size() + j] =
          static_cast<std::int32_t>(share - (j == label ? std::int64_t{1} << 24 : 0));
    }
  }
  return result;
}

double nats(std::int64_t loss_q16_log2) {
  return static_cast<double>(loss_q16_log2) * 0x1p-16 * 0.693147180559945309;
}

}  // namespace octet::model
