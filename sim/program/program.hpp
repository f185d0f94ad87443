#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/program/command_list.hpp"
#include "sim/program/scope.hpp"

namespace octet::sim {

// What executes a command. kDram moves what the DMA asks for and executes no command.
enum class Unit : std::uint8_t {
  kMacArray,
  kRangeBn,
  kVector,
  kUpdate,
  kScalar,
  kDmaLoad,
  kDmaStore,
};
inline constexpr int kUnits = 7;

enum class Pad : std::uint8_t { kActivation, kWeight, kAccumulator };
inline constexpr int kPads = 3;

enum class TensorKind : std::uint8_t {
  kImage,           // input codes
  kLabel,           // two bytes an image
  kActivation,      // 8-bit codes
  kWideActivation,  // int32 before its range is known
  kPoolIndex,       // the winner's place in its window
  kWeight,          // weight codes
  kMaster,          // f32 weights, biases, gamma, beta
  kMomentum,        // f32 velocities
  kWideGradient,    // int32 layer gradients
  kGradient8,       // 8-bit gradient copies
  kGradient16,      // 16-bit gradient copies
  kWeightGradient,  // sums and f32 gradients of parameters
};
inline constexpr int kTensorKinds = 12;

struct Tensor {
  std::string name;
  TensorKind kind = TensorKind::kActivation;
  int node = 0;  // the network node that it belongs to
  std::int64_t elements = 0;
  int element_bytes = 1;      // in DRAM and in scratchpads
  int channels = 1;           // last dimension
  std::int64_t address = -1;  // in DRAM, or -1: lives on chip only
  [[nodiscard]] std::int64_t bytes() const { return elements * element_bytes; }
  bool operator==(const Tensor&) const = default;
};

struct Layer {
  std::string name;
  std::string op;
  bool operator==(const Layer&) const = default;
};

// How a product was cut and laid on the array (sim/mapping/tiling.hpp); its commands follow it.
struct LayerMapping {
  int layer = 0;
  Phase phase = Phase::kForward;
  std::int64_t dataflow = 0;
  std::int64_t images = 0, rows = 0, width = 0, groups = 0, columns = 0, depth = 0;
  std::int64_t sliced = 0, pixels_outer = 0;
  std::int64_t source_fetches = 0, weight_fetches = 0;  // times that each operand is read
  bool operator==(const LayerMapping&) const = default;
};

struct Program {
  std::string network;
  std::string hardware;
  int batch = 0;
  bool float32 = false;  // the baseline: f32 values in the place of codes and wide integers
  Scope scope = Scope::kStep;
  std::vector<Layer> layers;
  std::vector<Tensor> tensors;
  std::vector<LayerMapping> mappings;
  CommandList commands;
  bool operator==(const Program&) const = default;
};

[[nodiscard]] Unit unit_of(Opcode op);
[[nodiscard]] const char* opcode_name(Opcode op);
[[nodiscard]] const char* phase_name(Phase phase);
[[nodiscard]] const char* unit_name(Unit unit);
[[nodiscard]] const char* pad_name(Pad pad);
[[nodiscard]] const char* tensor_kind_name(TensorKind kind);

// Text form, one command a line; parse_program(print_program(p)) == p. Throws octet::Error.
[[nodiscard]] std::string print_program(const Program& program);
[[nodiscard]] Program parse_program(const std::string& text, const std::string& file = "program");

}  // namespace octet::sim
