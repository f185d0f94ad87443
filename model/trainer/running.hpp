#pragma once

namespace octet::model {

inline constexpr float kRunning = 0.1F;  // weight of the newest step in running statistics

// docs/numerics.md section 6, "Inference".
inline void follow(float& running, float value, bool first) {
  running = first ? value : running + kRunning * (value - running);
}

}  // namespace octet::model
