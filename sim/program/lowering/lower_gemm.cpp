#include "sim/program/lower_gemm.hpp"

#include "common/error.hpp"
#include "sim/program/lowering/gemm.hpp"

namespace octet::sim {
namespace {

void check(const GemmProblem& p) {
  for (const std::int64_t size : {p.m, p.n, p.k}) {
    if (size < 1 || size > kMaxGemmSize) {
      throw usage_error("gemm", std::to_string(size),
                        "sizes from 1 to " + std::to_string(kMaxGemmSize));
    }
  }
  if (p.m > kMaxGemmMacs / p.n || p.m * p.n > kMaxGemmMacs / p.k) {
    throw usage_error("gemm",
                      std::to_string(p.m) + " x " + std::to_string(p.n) + " x " +
                          std::to_string(p.k) + " multiply-accumulates",
                      "at most " + std::to_string(kMaxGemmMacs));
  }
}

}  // namespace

void lower_gemm_to(const GemmProblem& p, const Hardware& hardware, MappingCache& mappings,
                   Program& program, Emitter& emitter) {
  check(p);
  program.network = "gemm";
  program.hardware = hardware.name;
  program.batch = 1;
  using Operands = GemmProblem::Operands;
  program.float32 = p.operands == Operands::kFloat32 || p.operands == Operands::kFloat16;
  program.layers.push_back({"gemm", "fc"});
  Builder b(hardware, mappings, program, emitter);
  const int bytes = p.operands == Operands::kFloat16 ? 2 : program.float32 ? 4 : 1;
  if (p.operands == Operands::k8x16) {
    // The weight gradient's way: A is the input's codes, B the gradient, k runs over the pixels.
    b.phase = Phase::kWeightGradient;
    const GemmShape shape{{}, {}, p.k, 1, p.m, p.n};
    const int a = b.add_tensor("a", TensorKind::kActivation, p.m * p.k, 1, static_cast<int>(p.m));
    const int g = b.add_tensor("b", TensorKind::kGradient16, p.k * p.n, 2, static_cast<int>(p.n));
    const int c =
        b.add_tensor("c", TensorKind::kWeightGradient, p.m * p.n, 4, static_cast<int>(p.m));
    gemm_weight_gradient(b, shape, g, a, c, -1);
    return;
  }
  const GemmShape shape{{}, {}, p.m, 1, p.k, p.n};
  const int a = b.add_tensor("a", TensorKind::kActivation, p.m * p.k, bytes, static_cast<int>(p.k));
  const int w = b.add_tensor("b", TensorKind::kWeight, p.k * p.n, bytes, static_cast<int>(p.n));
  Sink sink;
  sink.wide = b.add_tensor("c", TensorKind::kWideActivation, p.m * p.n, bytes == 2 ? 2 : 4,
                           static_cast<int>(p.n));
  sink.range = false;
  gemm_forward(b, shape, a, w, -1, sink);
}

Program lower_gemm(const GemmProblem& p, const Hardware& hardware) {
  Program program;
  MappingCache mappings(hardware, MappingStrategy::kSearch);
  ProgramEmitter emitter(program);
  lower_gemm_to(p, hardware, mappings, program, emitter);
  return program;
}

}  // namespace octet::sim
