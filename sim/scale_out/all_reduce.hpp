#pragma once
#include <cstdint>

namespace octet::sim::scale_out {

enum class Topology { kRing, kTree };

// What joins the chips. Each chip has a link to each neighbour, both directions at once.
struct Links {
  Topology topology = Topology::kRing;
  double bytes_per_second = 0.0;  // of one link, one direction
  double latency_seconds = 0.0;   // of one message, however short
};
inline constexpr std::int64_t kMostChips = 1 << 20;

// Seconds in which `chips` chips add up `bytes` and all have the sum; 0 for one chip.
//   ring: 2 (chips - 1) steps, each of bytes / chips
//   tree: 2 ceil(log2 chips) steps, each of all bytes (up and down a binary tree)
// and the latency for each step.
[[nodiscard]] double all_reduce_seconds(double bytes, std::int64_t chips, const Links& links);
// Bytes that each chip sends on its busiest link in that time.
[[nodiscard]] double all_reduce_sent_bytes(double bytes, std::int64_t chips, Topology topology);

}  // namespace octet::sim::scale_out
