#include "bench/peak_loops.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace octet::bench {
namespace {

// How the tiles are cut: palette 1, eight tiles of 16 rows of 64 bytes.
struct TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {};
  unsigned char rows[16] = {};
};

// Four sums of tiles and two operands each side, loaded once.
void run(long rounds) {
  TileConfig config;
  for (int tile = 0; tile < 8; ++tile) {
    config.row_bytes[tile] = 64;
    config.rows[tile] = 16;
  }
  // g++ 12 takes _tile_loadconfig to read 8 bytes only, and would drop the stores of the others.
  __asm__ volatile("" : : "r"(&config) : "memory");
  _tile_loadconfig(&config);
  alignas(64) static const signed char kOperand[16 * 64] = {1, 2, 3};
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, kOperand, 64);
  _tile_loadd(5, kOperand, 64);
  _tile_loadd(6, kOperand, 64);
  _tile_loadd(7, kOperand, 64);
  for (long i = 0; i < rounds; ++i) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
}

}  // namespace

const PeakLoop kPeakAmx{"amx", "tdpbusd", 4 * 16.0 * 16 * 64, run};

}  // namespace octet::bench
#endif
