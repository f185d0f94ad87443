#include "app/explore_output.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/result.hpp"
#include "common/file.hpp"
#include "sim/explore/pareto.hpp"
#include "sim/explore/picture.hpp"

namespace octet::app {
namespace {

namespace ex = sim::explore;
using nlohmann::ordered_json;

constexpr std::size_t kPrinted = 25;  // of a front

std::string csv(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out;
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return fmt::format("\"{}\"", out);
}

// Values of the axes that really vary, for people.
std::string label(const ex::Sweep& sweep, std::size_t index) {
  const auto places = sweep.places(static_cast<std::int64_t>(index));
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    const ex::Axis& axis = sweep.axes[a];
    if (axis.values.size() < 2 || axis.key == "network") continue;
    const std::string& key = axis.fields.front();
    const std::size_t dot = key.find('.');
    text +=
        fmt::format("{}{}={}", text.empty() ? "" : " ",
                    dot == std::string::npos ? key : key.substr(dot + 1), axis.values[places[a]]);
  }
  return text.empty() ? "the only point" : text;
}

std::string csv_text(const ex::Sweep& sweep, const std::vector<ex::Outcome>& outcomes,
                     const std::vector<bool>& on_front) {
  std::string out = "point";
  for (const ex::Axis& axis : sweep.axes) out.append(1, ',').append(csv(axis.key));
  out +=
      ",ok,error,step_batch,cycles,seconds,images_per_second,energy_joules,energy_joules_low,"
      "energy_joules_high,joules_per_image,joules_per_image_low,joules_per_image_high,area_mm2,"
      "dram_bytes,sram_bytes,macs,utilisation,memory_needed_bytes,memory_capacity_bytes,pareto\n";
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const ex::Outcome& o = outcomes[i];
    const auto places = sweep.places(static_cast<std::int64_t>(i));
    out += std::to_string(i);
    for (std::size_t a = 0; a < sweep.axes.size(); ++a)
      out.append(1, ',').append(csv(sweep.axes[a].values[places[a]]));
    if (!o.ok) {
      out += fmt::format(",0,{},,,,,,,,,,,,,,,,,,0\n", csv(o.error));
      continue;
    }
    out += fmt::format(",1,,{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", o.batch,
                       o.cycles, o.seconds, 1.0 / o.seconds_per_image(), o.joules, o.joules_low,
                       o.joules_high, o.joules_per_image(), o.joules_per_image_low(),
                       o.joules_per_image_high(), o.area_mm2 ? fmt::format("{}", *o.area_mm2) : "",
                       o.dram_bytes, o.sram_bytes, o.macs, o.utilisation, o.needed_bytes,
                       o.memory_bytes, on_front[i] ? 1 : 0);
  }
  return out;
}

void print_front(const ex::Panel& panel, bool area) {
  fmt::print("Pareto front of {}, {} of {} points\n  {:>14} {:>32}{}  {}\n", panel.title,
             panel.front.size(), panel.outcomes.size(), "ms an image", "mJ an image (low to high)",
             area ? fmt::format(" {:>10}", "mm2") : "", "point");
  for (std::size_t i = 0; i < std::min(panel.front.size(), kPrinted); ++i) {
    const ex::Outcome& o = panel.outcomes[panel.front[i]];
    const std::string joules =
        fmt::format("{:.6g} ({:.5g} to {:.5g})", 1e3 * o.joules_per_image(),
                    1e3 * o.joules_per_image_low(), 1e3 * o.joules_per_image_high());
    fmt::print("  {:>14.6g} {:>32}{}  {}\n", 1e3 * o.seconds_per_image(), joules,
               area ? fmt::format(" {:>10.4g}", *o.area_mm2) : "",
               panel.labels[panel.front[i]] + (o.fits() ? "" : " (does not fit the memory)"));
  }
  if (panel.front.size() > kPrinted)
    fmt::print("  and {} more: points.csv has all\n", panel.front.size() - kPrinted);
}

ordered_json json_of(const ex::Sweep& sweep, std::size_t index, const ex::Outcome& o) {
  ordered_json out{{"point", index}};
  const auto places = sweep.places(static_cast<std::int64_t>(index));
  for (std::size_t a = 0; a < sweep.axes.size(); ++a)
    out["values"][sweep.axes[a].key] = sweep.axes[a].values[places[a]];
  out["cycles"] = o.cycles;
  out["seconds_per_image"] = o.seconds_per_image();
  out["joules_per_image"] = o.joules_per_image();
  out["joules_per_image_low"] = o.joules_per_image_low();
  out["joules_per_image_high"] = o.joules_per_image_high();
  if (o.area_mm2) out["area_mm2"] = *o.area_mm2;
  out["memory_needed_bytes"] = o.needed_bytes;
  out["memory_capacity_bytes"] = o.memory_bytes;
  return out;
}

}  // namespace

std::string settings_text(const ex::Point& point) {
  std::string text;
  for (const std::string& setting : point.hardware_set)
    text += (text.empty() ? "hardware." : " hardware.") + setting;
  for (const std::string& setting : point.recipe_set)
    text += (text.empty() ? "recipe." : " recipe.") + setting;
  return text;
}

bool write_exploration(const ex::Sweep& sweep, const std::vector<ex::Outcome>& outcomes,
                       const std::string& folder, const std::string& command_line) {
  const bool area = ex::all_have_area(outcomes);
  std::vector<bool> on_front(outcomes.size(), false);
  std::vector<ex::Panel> panels;
  ordered_json fronts = ordered_json::array();
  std::size_t good = 0;
  // Networks turn slowest, so the points of one lie side by side.
  const std::size_t each = outcomes.size() / sweep.axes.front().values.size();
  for (std::size_t n = 0; n < sweep.axes.front().values.size(); ++n) {
    ex::Panel panel;
    panel.title = sweep.axes.front().values[n];
    for (std::size_t i = n * each; i < (n + 1) * each; ++i) {
      panel.outcomes.push_back(outcomes[i]);
      panel.labels.push_back(label(sweep, i));
      if (outcomes[i].ok) ++good;
    }
    panel.front = ex::pareto_front(panel.outcomes);
    ordered_json front{{"network", panel.title}, {"points", ordered_json::array()}};
    for (const std::size_t i : panel.front) {
      on_front[n * each + i] = true;
      front["points"].push_back(json_of(sweep, n * each + i, panel.outcomes[i]));
    }
    fronts.push_back(std::move(front));
    panels.push_back(std::move(panel));
  }
  const bool has_area = area && good > 0;
  for (const ex::Panel& panel : panels) print_front(panel, has_area);
  if (good < outcomes.size()) {
    const auto bad =
        std::find_if(outcomes.begin(), outcomes.end(), [](const ex::Outcome& o) { return !o.ok; });
    fmt::print("{} points can not be run; the first: {}\n", outcomes.size() - good, bad->error);
  }
  ordered_json objectives{"seconds_per_image", "joules_per_image"};
  if (has_area) objectives.push_back("area_mm2");
  const ordered_json result{{"schema_version", 1},
                            {"octet_version", OCTET_VERSION},
                            {"kind", "explore"},
                            {"sweep", {{"name", sweep.name}, {"file", sweep.file}}},
                            {"run", {{"command", command_line}}},
                            {"points", outcomes.size()},
                            {"failed", outcomes.size() - good},
                            {"objectives", objectives},
                            {"fronts", fronts}};
  write_file(folder + "/points.csv", csv_text(sweep, outcomes, on_front));
  write_file(folder + "/explore.json", json_text(result));
  write_file(folder + "/pareto.svg", ex::pareto_picture(panels));
  fmt::print("\nPoints: {0}/points.csv, {0}/points.sqlite\nPicture: {0}/pareto.svg\n", folder);
  return good > 0;
}

}  // namespace octet::app
