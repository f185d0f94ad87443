// octet estimate --gemm M,N,K: one product, alone on a machine.
#include <fmt/core.h>

#include <charconv>

#include "app/estimate_modes.hpp"
#include "app/result.hpp"
#include "app/shown.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/program/lower_gemm.hpp"

namespace octet::app {
namespace {

using Operands = sim::GemmProblem::Operands;

Operands operands_of(const std::string& name) {
  if (name == "8x16") return Operands::k8x16;
  if (name == "float32") return Operands::kFloat32;
  return name == "8x8" ? Operands::k8x8 : Operands::kFloat16;
}

// What the operands are where nobody says it: what the machine's tensors are.
std::string default_operands(const sim::Hardware& hardware) {
  if (hardware.datapath == sim::Datapath::kInt8) return "8x8";
  return hardware.float32_values ? "float32" : sim::datapath_name(hardware.datapath);
}

// The machine that multiplies them: floating cells in the place of integer ones.
sim::Hardware machine_of(const sim::Hardware& hardware, const std::string& operands) {
  sim::Hardware machine = hardware;
  const bool integers = operands[0] == '8';
  if (machine.datapath == sim::Datapath::kInt8) {
    if (operands == "float16") machine.datapath = sim::Datapath::kFloat16;
    if (operands == "bfloat16") machine.datapath = sim::Datapath::kBfloat16;
    return machine;
  }
  const std::string cells = sim::datapath_name(machine.datapath);
  if (integers || (operands != "float32" && operands != cells)) {
    throw usage_error("--operands", operands + " on " + cells + " cells of " + machine.file,
                      "float32 or " + cells);
  }
  return machine;
}

}  // namespace

GemmText parse_gemm(const std::string& text) {
  GemmText gemm;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto bad = [&] {
    return usage_error(
        "--gemm", "'" + text + "'",
        fmt::format("M,N,K, three integers from 1 to {}, such as 512,64,576", sim::kMaxGemmSize));
  };
  for (std::int64_t* size : {&gemm.m, &gemm.n, &gemm.k}) {
    const auto [stop, status] = std::from_chars(at, end, *size);
    if (status != std::errc() || *size < 1 || *size > sim::kMaxGemmSize) throw bad();
    at = stop;
    if (size != &gemm.k && (at == end || *at++ != ',')) throw bad();
  }
  if (at != end) throw bad();
  return gemm;
}

void add_gemm_options(CLI::App& command, EstimateOptions& options) {
  CLI::Option* workload = command.get_option("workload");
  workload->required(false);
  CLI::Option* gemm =
      command
          .add_option("--gemm", options.gemm,
                      "one product in the place of a network: M pixels by N filters of K values")
          ->type_name("M,N,K");
  for (const char* other : {"workload", "--recipe", "--set", "--batch", "--out"}) {
    gemm->excludes(command.get_option(other));
  }
  command
      .add_option("--operands", options.operands,
                  "of --gemm: 8x8, 8x16 (as the weight gradient has it), float32, float16 or "
                  "bfloat16; by default what the machine's tensors are")
      ->check(CLI::IsMember({"8x8", "8x16", "float32", "float16", "bfloat16"}))
      ->needs(gemm);
}

GemmStep gemm_step(const EstimateOptions& options, const std::string& machine) {
  const GemmText size = parse_gemm(options.gemm);
  GemmStep step;
  step.hardware = sim::find_hardware(machine, options.step.set_hardware);
  step.operands = options.operands.empty() ? default_operands(step.hardware) : options.operands;
  step.hardware = with_tables(machine_of(step.hardware, step.operands), options);
  step.problem = {size.m, size.n, size.k, operands_of(step.operands)};
  return step;
}

int estimate_gemm(const EstimateOptions& options, const std::string& command_line) {
  const GemmText size = parse_gemm(options.gemm);
  prepare_file(options.json);
  prepare_file(options.dram_trace.file);
  const GemmStep gemm = gemm_step(options, options.step.hardware);
  const sim::Hardware& hardware = gemm.hardware;
  const std::string& operands = gemm.operands;
  sim::MappingCache mappings(hardware, sim::MappingStrategy::kSearch);
  const sim::StepEstimate step = estimate_and_show(
      [&](sim::Program& to, sim::Emitter& emitter) {
        sim::lower_gemm_to(gemm.problem, hardware, mappings, to, emitter);
      },
      hardware, options);
  if (!options.json.empty()) {
    const nlohmann::ordered_json result{
        {"schema_version", 1},
        {"octet_version", OCTET_VERSION},
        {"kind", "gemm"},
        {"gemm", {{"m", size.m}, {"n", size.n}, {"k", size.k}, {"operands", operands}}},
        {"hardware", hardware_section(hardware)},
        {"run", run_section(command_line, 1)},
        {"step", sim::to_json(step)}};
    write_file(options.json, json_text(result));
  }
  write_dram_trace(options.dram_trace, hardware,
                   [&] { return sim::lower_gemm(gemm.problem, hardware); });
  const auto row = [](const char* what, const std::string& value) {
    fmt::print("  {:<26} {}\n", what, value);
  };
  const sim::Counters total = step.stats.total();
  const auto busy = step.stats.unit_time[0].busy;
  fmt::print("One product {} x {} x {} (M x N x K), {}, on {} ({}, {})\n", size.m, size.n, size.k,
             operands, hardware.name, array_text(hardware), hardware.dram.kind);
  row("cycles", fmt::format("{}", step.stats.cycles));
  row("of them MAC array busy", fmt::format("{}", busy));
  row("time", shown(1e3 * step.seconds(), 6) + " ms");
  row("MAC array utilisation", fmt::format("{:.1f} %", 100.0 * step.utilisation()));
  row("DRAM traffic", shown(1e-6 * static_cast<double>(total.dram_bytes), 3) + " MB");
  row("memory", memory_text(step));
  row("scratchpad traffic", shown(1e-6 * static_cast<double>(total.sram_bytes), 3) + " MB");
  const sim::Spread energy = step.energy() * 1e3;
  row("energy", shown_bars(energy.typical, energy.low, energy.high, 6, "mJ"));
  print_notes(step.notes);
  return 0;
}

}  // namespace octet::app
