#pragma once
#include <cstdint>

namespace octet::sim {

struct Hardware;

// What the MAC array's cells multiply. kInt8: 8x8 and, natively or in two passes, 8x16.
enum class Datapath : std::uint8_t { kInt8, kFloat32, kFloat16, kBfloat16 };
[[nodiscard]] const char* datapath_name(Datapath datapath);
// Bytes of a value that a cell reads.
[[nodiscard]] int value_bytes(Datapath datapath);
// The datapath that runs a program: a floating one for float values, that of the hardware if it is
// one, else float32.
[[nodiscard]] Datapath datapath_of(const Hardware& hardware, bool floating);
// Bytes of a value in memory: the datapath's, or four where the hardware keeps f32 for cells that
// round what they read.
[[nodiscard]] int stored_bytes(const Hardware& hardware, bool floating);
// Register bits of one cell: both operands and the sum.
[[nodiscard]] std::int64_t cell_register_bits(const Hardware& hardware, Datapath datapath);
// Register bits of a lane of an element unit: 32 a pipeline stage.
[[nodiscard]] std::int64_t lane_register_bits(int depth);
// The same machine with floating cells: as many, or as many as fit into the area of
// `area_ratio` = floating cell over present cell, rounded down, in about the old proportions. Ports
// of the scratchpads widen so that they feed the cells. Throws octet::Error where no cell fits.
[[nodiscard]] Hardware float_machine(const Hardware& hardware, Datapath datapath,
                                     double area_ratio = 1.0);

}  // namespace octet::sim
