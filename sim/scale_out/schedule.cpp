#include "sim/scale_out/schedule.hpp"

#include <algorithm>

namespace octet::sim::scale_out {

Schedule schedule(const ChipStep& step, double bytes_a_parameter, std::int64_t chips,
                  const Links& links, double message_bytes) {
  Schedule s;
  s.chips = chips;
  double link_free = 0.0;
  double updated = step.backward;
  std::size_t first = 0;  // of the layers that are summed together
  double bytes = 0.0;
  for (std::size_t i = 0; i < step.buckets.size(); ++i) {
    bytes += static_cast<double>(step.buckets[i].parameters) * bytes_a_parameter;
    if (bytes < message_bytes && i + 1 < step.buckets.size()) continue;
    const double length = all_reduce_seconds(bytes, chips, links);
    const double start = std::max(step.buckets[i].ready, link_free);  // the last one to be ready
    link_free = start + length;
    s.reducing += length;
    s.sent_bytes += all_reduce_sent_bytes(bytes, chips, links.topology);
    for (; first <= i; ++first) {
      updated = std::max(updated, link_free) + step.buckets[first].update;
      s.reductions.push_back({start, link_free, updated});
    }
    bytes = 0.0;
  }
  // What others do not hold up is the chip's own step, to the last bit.
  s.seconds = chips > 1 ? std::max(updated, step.seconds) : step.seconds;
  s.exposed = s.seconds - step.seconds;
  return s;
}

}  // namespace octet::sim::scale_out
