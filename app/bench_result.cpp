#include "app/bench_result.hpp"

#include <fmt/core.h>

#include <numeric>
#include <string>

#include "model/kernels/kernels.hpp"

namespace octet::app {
namespace {

using bench::LayerTimes;
using bench::Product;
using Json = nlohmann::ordered_json;

Product all_products(const LayerTimes& layer) {
  Product total;
  for (const Product& product : layer.products) total += product;
  return total;
}

Json product_section(const Product& product, double peak) {
  Json out{{"macs", product.macs}, {"byte_macs", product.byte_macs}, {"seconds", product.seconds}};
  out["gmac_per_second"] = 1e-9 * product.macs_per_second();
  out["peak_share"] = product.peak_share(peak);
  return out;
}

Json times_section(const LayerTimes& times, double peak) {
  Json products, passes;
  for (int i = 0; i < bench::kProducts; ++i)
    products[bench::product_name(i)] =
        product_section(times.products[static_cast<std::size_t>(i)], peak);
  for (int i = 0; i < bench::kPasses; ++i)
    passes[bench::pass_name(static_cast<bench::Pass>(i))] =
        times.passes[static_cast<std::size_t>(i)];
  return {{"products", products}, {"passes", passes}};
}

Json peak_section(const bench::Peak& peak) {
  return {{"isa", peak.isa},
          {"instruction", peak.instruction},
          {"gmac_per_second", 1e-9 * peak.macs_per_second}};
}

// "12.34", or blanks for what is not there.
std::string cell(double value, int width, int digits) {
  return value > 0.0 ? fmt::format("{:>{}.{}f}", value, width, digits)
                     : fmt::format("{:>{}}", "-", width);
}

void print_part(const char* name, double seconds, double step) {
  fmt::print("  {:<18}{:>9.3f}{:>8.1f}\n", name, 1e3 * seconds, 100 * seconds / step);
}

void print_part(const char* name, const Product& product, double step, double peak) {
  fmt::print("  {:<18}{:>9.3f}{:>8.1f}{}{}\n", name, 1e3 * product.seconds,
             100 * product.seconds / step, cell(1e-9 * product.macs_per_second(), 10, 1),
             cell(100 * product.peak_share(peak), 10, 1));
}

void print_parts(const BenchRun& run) {
  const LayerTimes total = bench::sum(run.layers);
  const double step = run.clocked_seconds();
  const Product products = all_products(total);
  fmt::print("\n  {:<18}{:>9}{:>8}{:>10}{:>10}\n", "part", "ms", "% time", "GMAC/s", "% peak");
  for (int i = 0; i < bench::kProducts; ++i)
    print_part(bench::product_name(i), total.products[static_cast<std::size_t>(i)], step,
               run.peak_rate());
  for (int i = 0; i < bench::kPasses; ++i)
    print_part(bench::pass_name(static_cast<bench::Pass>(i)),
               total.passes[static_cast<std::size_t>(i)], step);
  print_part("unaccounted", step - total.seconds(), step);
  print_part("products", products, step, run.peak_rate());
  print_part("all the rest", step - products.seconds, step);
}

void print_row(const std::string& name, const char* op, const LayerTimes& layer, double peak) {
  fmt::print("  {:<14.14} {:<12}{}", name, op, cell(1e-6 * layer.products[0].macs, 9, 1));
  for (const Product& product : layer.products)
    fmt::print(" |{}{}{}", cell(1e3 * product.seconds, 8, 3),
               cell(1e-9 * product.macs_per_second(), 8, 1),
               cell(100 * product.peak_share(peak), 6, 1));
  fmt::print(" |");
  for (const double seconds : layer.passes) fmt::print("{}", cell(1e3 * seconds, 9, 3));
  fmt::print("\n");
}

void print_layers(const BenchRun& run) {
  fmt::print("\n  {:<14} {:<12}{:>9}", "layer", "op", "MMAC");
  for (int i = 0; i < bench::kProducts; ++i) fmt::print(" | {:^21}", bench::product_name(i));
  fmt::print(" |");
  for (int i = 0; i < bench::kPasses; ++i)
    fmt::print("{:>9}", bench::pass_name(static_cast<bench::Pass>(i)));
  fmt::print("\n  {:<14} {:<12}{:>9}", "", "", "");
  for (int i = 0; i < bench::kProducts; ++i)
    fmt::print(" |{:>8}{:>8}{:>6}", "ms", "GMAC/s", "% pk");
  fmt::print(" |");
  for (int i = 0; i < bench::kPasses; ++i) fmt::print("{:>9}", "ms");
  fmt::print("\n");
  for (const LayerTimes& layer : run.layers) {
    const auto& node = run.network.nodes[static_cast<std::size_t>(layer.node)];
    print_row(node.name, workloads::op_name(node.op), layer, run.peak_rate());
  }
  print_row("total", "", bench::sum(run.layers), run.peak_rate());
}

}  // namespace

double BenchRun::clocked_seconds() const {
  const auto& each = steps.clocked_seconds;
  return each.empty()
             ? 0.0
             : std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(each.size());
}

void add_bench_sections(Json& result, const BenchRun& run) {
  const bench::Spread step = bench::spread_of(run.steps.seconds);
  const LayerTimes total = bench::sum(run.layers);
  const Product products = all_products(total);
  result["step"] = {{"measured", run.steps.seconds.size()},
                    {"best_seconds", step.best},
                    {"lower_quartile_seconds", step.lower_quartile},
                    {"median_seconds", step.median},
                    {"upper_quartile_seconds", step.upper_quartile},
                    {"images_per_second", run.batch / step.median},
                    {"best_images_per_second", run.batch / step.best},
                    {"macs", products.macs},
                    {"gmac_per_second", 1e-9 * products.macs / step.median}};
  result["peaks"] = Json::array();
  for (const bench::Peak& peak : run.peaks) result["peaks"].push_back(peak_section(peak));
  result["peak"] = run.peak ? peak_section(*run.peak) : Json(nullptr);
  if (!run.clocked()) {
    result["parts"] = nullptr;
    return;
  }
  result["parts"] = times_section(total, run.peak_rate());
  result["parts"]["steps"] = run.steps.clocked_seconds.size();
  result["parts"]["step_seconds"] = run.clocked_seconds();
  result["parts"]["unaccounted_seconds"] = run.clocked_seconds() - total.seconds();
  result["parts"]["products_total"] = product_section(products, run.peak_rate());
  result["parts"]["rest_seconds"] = run.clocked_seconds() - products.seconds;
  Json layers = Json::array();
  for (const LayerTimes& layer : run.layers) {
    const auto& node = run.network.nodes[static_cast<std::size_t>(layer.node)];
    Json row{{"name", node.name}, {"op", workloads::op_name(node.op)}};
    row.update(times_section(layer, run.peak_rate()));
    layers.push_back(row);
  }
  result["parts"]["layers"] = layers;
}

void print_bench(const BenchRun& run, bool with_layers) {
  const bench::Spread step = bench::spread_of(run.steps.seconds);
  const double macs = all_products(bench::sum(run.layers)).macs;
  const auto row = [](const char* what, const std::string& value) {
    fmt::print("  {:<18}{}\n", what, value);
  };
  fmt::print("{}, recipe {}, batch {}, {} threads, {}\n", run.network.name, run.recipe.name,
             run.batch, run.threads,
             run.recipe.float32 ? "oneDNN" : std::string("kernels ") + model::kernels().name);
  row("step", fmt::format("{:.2f} ms median, {:.2f} best, {:.2f} to {:.2f} quartiles of {} steps",
                          1e3 * step.median, 1e3 * step.best, 1e3 * step.lower_quartile,
                          1e3 * step.upper_quartile, run.steps.seconds.size()));
  row("images/s",
      fmt::format("{:.0f} median, {:.0f} best", run.batch / step.median, run.batch / step.best));
  row("products", fmt::format("{:.3f} GMAC a step, {:.1f} GMAC/s over the whole step", 1e-9 * macs,
                              1e-9 * macs / step.median));
  for (const bench::Peak& peak : run.peaks) {
    const bool used = run.peak && run.peak->isa == peak.isa;
    row("peak here", fmt::format("{:.1f} GMAC/s by {} ({}){}", 1e-9 * peak.macs_per_second,
                                 peak.instruction, peak.isa, used ? ", in use" : ""));
  }
  if (!run.clocked()) {
    fmt::print("\n  This engine does not time its parts.\n");
    return;
  }
  print_parts(run);
  if (with_layers) print_layers(run);
}

}  // namespace octet::app
