#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/dram_trace.hpp"
#include "app/step_options.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower_gemm.hpp"

namespace octet::app {

// Many chips, each with the batch.
struct ScaleOutOptions {
  std::int64_t chips = 0;  // 0: one machine alone, as ever
  double gb_per_second = 0.0, latency_us = 1.0, message_mb = 0.0;
  std::string topology = "ring";
  int gradient_bits = 32;
};

// What `octet estimate` was asked for: a network's step, or one product (--gemm).
struct EstimateOptions {
  StepOptions step;
  std::string out, json;
  std::string gemm;       // M,N,K
  std::string operands;   // of --gemm; none: what the machine's tensors are
  std::string reference;  // another tool's numbers instead of the machine's
  std::string array;      // of --reference: RxC in the place of the hardware file's
  std::string dataflow;   // of --reference: one of the three only
  bool unpadded = false;  // of --reference
  // The run over time: files, and the layers that they show.
  std::string trace, vcd;
  std::vector<std::string> trace_layers;
  std::vector<std::string> compare;  // two machines
  std::string energy, activity;      // files: an energy table, measured switching
  DramTraceOptions dram_trace;
  bool baselines = false;  // the same machine with floating cells beside it
  bool unfolded = false;   // every burst by itself
  ScaleOutOptions scale_out;
  std::string closed_form;  // without the machine: replay or rates
  bool check = false;       // held against it
};

// The machine with the tables of --energy and --activity.
[[nodiscard]] sim::Hardware with_tables(sim::Hardware hardware, const EstimateOptions& options);

// One product on the machine: estimate_gemm.cpp.
void add_gemm_options(CLI::App& command, EstimateOptions& options);
[[nodiscard]] int estimate_gemm(const EstimateOptions& options, const std::string& command_line);
struct GemmStep {
  sim::Hardware hardware;  // with the cells that multiply the operands
  sim::GemmProblem problem;
  std::string operands;
};
// The product on a machine, a name or a file. Throws octet::Error.
[[nodiscard]] GemmStep gemm_step(const EstimateOptions& options, const std::string& machine);
// M, N and K of --gemm. Throws octet::Error.
struct GemmText {
  std::int64_t m = 0, n = 0, k = 0;
};
[[nodiscard]] GemmText parse_gemm(const std::string& text);

// SCALE-Sim's numbers: estimate_reference.cpp.
void add_reference_options(CLI::App& command, EstimateOptions& options);
[[nodiscard]] int estimate_reference(const EstimateOptions& options);

// The run over time, --trace and --vcd: estimate_views.cpp.
void add_view_options(CLI::App& command, EstimateOptions& options);
// What `lower` emits on the machine, and the files that were asked for; or its closed form.
[[nodiscard]] sim::StepEstimate estimate_and_show(const sim::Lower& lower,
                                                  const sim::Hardware& hardware,
                                                  const EstimateOptions& options);

// Without the machine: estimate_closed_form.cpp.
void add_closed_form_options(CLI::App& command, EstimateOptions& options);
inline constexpr const char* kReplay = "replay";
inline constexpr const char* kRates = "rates";
[[nodiscard]] sim::StepEstimate estimate_closed_form(const sim::Lower& lower,
                                                     const sim::Hardware& hardware,
                                                     const EstimateOptions& options);

// Two machines side by side: estimate_compare.cpp.
void add_compare_options(CLI::App& command, EstimateOptions& options);
[[nodiscard]] int estimate_compare(const EstimateOptions& options, const std::string& command_line);

// Many chips: estimate_scale_out.cpp.
void add_scale_out_options(CLI::App& command, EstimateOptions& options);
[[nodiscard]] int estimate_scale_out(const EstimateOptions& options,
                                     const std::string& command_line);

}  // namespace octet::app
