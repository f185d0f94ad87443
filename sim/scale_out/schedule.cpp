#include "sim/scale_out/schedule.hpp"

#include <algorithm>

namespace octet::sim::scale_out {

Schedule schedule(const ChipStep& step, double bytes_a_parameter, std::int64_t chips,
                  const Links& links) {
  Schedule s;
  s.chips = chips;
  double link_free = 0.0;
  double updated = step.backward;
  for (const Bucket& bucket : step.buckets) {
    const double bytes = static_cast<double>(bucket.parameters) * bytes_a_parameter;
    const double length = all_reduce_seconds(bytes, chips, links);
    Reduction r;
    r.start = std::max(bucket.ready, link_free);
    r.end = link_free = r.start + length;
    updated = r.updated = std::max(updated, r.end) + bucket.update;
    s.reducing += length;
    s.sent_bytes += all_reduce_sent_bytes(bytes, chips, links.topology);
    s.reductions.push_back(r);
  }
  s.seconds = updated;
  s.exposed = std::max(0.0, updated - step.seconds);
  return s;
}

}  // namespace octet::sim::scale_out
