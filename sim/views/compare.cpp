#include "sim/views/compare.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace octet::sim {
namespace {

using nlohmann::ordered_json;

double seconds_of(std::int64_t cycles, const Hardware& hw) {
  return static_cast<double>(cycles) / static_cast<double>(hw.clock_hz);
}

template <typename Number>
ordered_json pair_json(Number a, Number b) {
  return {{"a", a}, {"b", b}, {"difference", b - a}};
}

ordered_json causes_json(const PhaseCauses& c, double seconds) {
  ordered_json out{{"cycles", c.cycles}, {"seconds", seconds}};
  if (c.cycles == 0) return out;
  out["bound_unit"] = unit_name(c.bound_unit());
  out["bound_cause"] = cause_name(c.bound_cause());
  for (int i = 0; i < kCauses; ++i)
    out["cycles_by_cause"][cause_name(static_cast<Cause>(i))] =
        c.by_cause[static_cast<std::size_t>(i)];
  for (int u = 0; u < kUnits; ++u) {
    const std::int64_t cycles = c.by_unit[static_cast<std::size_t>(u)];
    if (cycles > 0) out["cycles_by_unit"][unit_name(static_cast<Unit>(u))] = cycles;
  }
  return out;
}

struct Sums {
  std::int64_t cycles = 0, dram_bytes = 0, sram_bytes = 0;
  Spread joules;
};

Sums sums_of_phase(const StepEstimate& e, int phase) {
  Sums sums;
  for (int l = 0; l < e.stats.layers(); ++l) {
    const Counters c = e.stats.of_phase(l, phase);
    sums.cycles += c.cycles;
    sums.dram_bytes += c.dram_bytes;
    sums.sram_bytes += c.sram_bytes;
    for (int u = 0; u < e.stats.units(); ++u) sums.joules += e.energy(l, phase, u);
  }
  return sums;
}

Sums sums_of_unit(const StepEstimate& e, int unit) {
  const Counters c = e.stats.of_unit(unit);
  Sums sums{c.cycles, c.dram_bytes, c.sram_bytes, {}};
  for (int l = 0; l < e.stats.layers(); ++l) {
    for (int p = 0; p < e.stats.phases(); ++p) sums.joules += e.energy(l, p, unit);
  }
  return sums;
}

// The figure and each of its bars, low beside low: one table spreads both machines.
void add_joules(ordered_json& out, const Spread& a, const Spread& b) {
  out["energy_joules"] = pair_json(a.typical, b.typical);
  out["energy_joules_low"] = pair_json(a.low, b.low);
  out["energy_joules_high"] = pair_json(a.high, b.high);
}

ordered_json sums_json(const Sums& a, const Sums& b, const ComparedSide& sa,
                       const ComparedSide& sb) {
  ordered_json out{
      {"seconds", pair_json(seconds_of(a.cycles, sa.hardware), seconds_of(b.cycles, sb.hardware))},
      {"cycles", pair_json(a.cycles, b.cycles)},
      {"dram_bytes", pair_json(a.dram_bytes, b.dram_bytes)},
      {"sram_bytes", pair_json(a.sram_bytes, b.sram_bytes)}};
  add_joules(out, a.joules, b.joules);
  return out;
}

ordered_json traffic_json(const StepEstimate& a, const StepEstimate& b) {
  ordered_json rows = ordered_json::array();
  for (int k = 0; k < kTensorKinds; ++k) {
    const Traffic& x = a.stats.traffic[static_cast<std::size_t>(k)];
    const Traffic& y = b.stats.traffic[static_cast<std::size_t>(k)];
    if (x.read + x.written + y.read + y.written == 0) continue;
    rows.push_back({{"tensor", tensor_kind_name(static_cast<TensorKind>(k))},
                    {"read_bytes", pair_json(x.read, y.read)},
                    {"write_bytes", pair_json(x.written, y.written)}});
  }
  return rows;
}

}  // namespace

std::vector<ComparedPart> compare_parts(const ComparedSide& a, const ComparedSide& b) {
  std::vector<ComparedPart> parts;
  for (int l = 0; l < a.estimate.stats.layers(); ++l) {
    for (int p = 0; p < kPhases; ++p) {
      ComparedPart part;
      part.layer = a.estimate.layers[static_cast<std::size_t>(l)].name;
      part.phase = static_cast<Phase>(p);
      for (const std::size_t side : {0, 1}) {
        const ComparedSide& s = side == 0 ? a : b;
        part.causes[side] =
            s.causes[static_cast<std::size_t>(l) * kPhases + static_cast<std::size_t>(p)];
        part.seconds[side] = seconds_of(part.causes[side].cycles, s.hardware);
        part.dram_bytes[side] = s.estimate.stats.of_phase(l, p).dram_bytes;
        for (int u = 0; u < s.estimate.stats.units(); ++u)
          part.joules[side] += s.estimate.energy(l, p, u);
      }
      if (part.joules[0].high + part.joules[1].high + part.seconds[0] + part.seconds[1] == 0.0)
        continue;
      for (std::size_t i = 0; i < kCauses; ++i) {
        const double change =
            part.causes[1].by_cause[i] / static_cast<double>(b.hardware.clock_hz) -
            part.causes[0].by_cause[i] / static_cast<double>(a.hardware.clock_hz);
        if (std::abs(change) <= std::abs(part.cause_seconds)) continue;
        part.cause = static_cast<Cause>(i);
        part.cause_seconds = change;
      }
      parts.push_back(std::move(part));
    }
  }
  std::stable_sort(parts.begin(), parts.end(), [](const ComparedPart& x, const ComparedPart& y) {
    return std::abs(x.difference()) > std::abs(y.difference());
  });
  return parts;
}

std::string bound_text(const PhaseCauses& c) {
  if (c.cycles == 0) return "hidden";
  const Cause cause = c.bound_cause();
  return fmt::format(
      "{} ({} {:.0f} %)", unit_name(c.bound_unit()), cause_name(cause),
      100.0 * c.by_cause[static_cast<std::size_t>(cause)] / static_cast<double>(c.cycles));
}

ordered_json compare_json(const ComparedSide& a, const ComparedSide& b) {
  ordered_json out;
  const StepEstimate& x = a.estimate;
  const StepEstimate& y = b.estimate;
  const Counters tx = x.stats.total();
  const Counters ty = y.stats.total();
  out["total"] = sums_json({x.stats.cycles, tx.dram_bytes, tx.sram_bytes, x.energy()},
                           {y.stats.cycles, ty.dram_bytes, ty.sram_bytes, y.energy()}, a, b);
  out["total"]["utilisation"] = pair_json(x.utilisation(), y.utilisation());
  out["phases"] = ordered_json::array();
  for (int p = 0; p < kPhases; ++p) {
    ordered_json row{{"phase", phase_name(static_cast<Phase>(p))}};
    row.update(sums_json(sums_of_phase(x, p), sums_of_phase(y, p), a, b));
    out["phases"].push_back(std::move(row));
  }
  out["units"] = ordered_json::array();
  for (int u = 0; u < x.stats.units(); ++u) {
    ordered_json row{{"unit", stat_unit_name(u)}};
    row.update(sums_json(sums_of_unit(x, u), sums_of_unit(y, u), a, b));
    const auto i = static_cast<std::size_t>(u);
    row["busy_cycles"] = pair_json(x.stats.unit_time[i].busy, y.stats.unit_time[i].busy);
    out["units"].push_back(std::move(row));
  }
  out["traffic"] = traffic_json(x, y);
  out["parts"] = ordered_json::array();
  for (const ComparedPart& part : compare_parts(a, b)) {
    out["parts"].push_back({{"layer", part.layer},
                            {"phase", phase_name(part.phase)},
                            {"a", causes_json(part.causes[0], part.seconds[0])},
                            {"b", causes_json(part.causes[1], part.seconds[1])},
                            {"difference_seconds", part.difference()},
                            {"cause", cause_name(part.cause)},
                            {"cause_seconds", part.cause_seconds},
                            {"dram_bytes", pair_json(part.dram_bytes[0], part.dram_bytes[1])}});
    add_joules(out["parts"].back(), part.joules[0], part.joules[1]);
  }
  return out;
}

}  // namespace octet::sim
