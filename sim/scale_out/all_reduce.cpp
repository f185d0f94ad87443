#include "sim/scale_out/all_reduce.hpp"

#include <bit>

namespace octet::sim::scale_out {
namespace {

std::int64_t steps(std::int64_t chips, Topology topology) {
  if (topology == Topology::kRing) return 2 * (chips - 1);
  return 2 * std::bit_width(static_cast<std::uint64_t>(chips - 1));  // 2 ceil(log2 chips)
}

}  // namespace

double all_reduce_seconds(double bytes, std::int64_t chips, const Links& links) {
  if (chips < 2) return 0.0;
  const double part =
      links.topology == Topology::kRing ? bytes / static_cast<double>(chips) : bytes;
  return static_cast<double>(steps(chips, links.topology)) *
         (links.latency_seconds + part / links.bytes_per_second);
}

double all_reduce_sent_bytes(double bytes, std::int64_t chips, Topology topology) {
  if (chips < 2) return 0.0;
  const auto n = static_cast<double>(chips);
  // Ring: a part to the next chip in each step. Tree: once up and once down each link.
  return topology == Topology::kRing ? 2.0 * (n - 1.0) / n * bytes : bytes;
}

}  // namespace octet::sim::scale_out
