#pragma once

// Limits of a network file. They are far above any network that Octet can train, and low enough
// that no product of sizes, with the batch, leaves 64 bits.
namespace octet::workloads {

inline constexpr long kMaxSize = 1L << 20;            // one dimension, kernel, stride, batch, ...
inline constexpr long kMaxElements = (1L << 31) - 1;  // one tensor of one image; weights
inline constexpr long kMaxMacs = 1L << 40;            // forward pass of one image
inline constexpr long kMaxNodes = 8191;               // node ids are part of random streams
inline constexpr long kMaxPad = 1024;                 // of an image, by the augmentation
inline constexpr long kMaxClasses = 1L << 16;         // a label is 16 bits

}  // namespace octet::workloads
