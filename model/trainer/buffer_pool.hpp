#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "common/buffer.hpp"

namespace octet::model {

// Buffers of one element type that are used again rather than returned to the system: a fresh
// megabyte costs more page faults than its use costs time. Not for several threads at once.
template <class T>
class BufferPool {
 public:
  // A buffer of `size` elements with any content.
  [[nodiscard]] Buffer<T> take(std::size_t size) {
    // Of those that hold it the one given back last, however large: it is still in the cache. Else
    // the largest grows.
    std::size_t best = spare_.size();
    for (std::size_t i = 0; i < spare_.size(); ++i)
      if (best == spare_.size() || spare_[i].capacity() >= size ||
          spare_[i].capacity() > spare_[best].capacity())
        best = i;
    Buffer<T> buffer;
    if (best < spare_.size()) {
      buffer = std::move(spare_[best]);
      spare_.erase(spare_.begin() + static_cast<std::ptrdiff_t>(best));
    }
    if (buffer.capacity() < size) buffer = {};  // growing would copy what nobody reads
    buffer.resize(size);
    return buffer;
  }
  void give_back(Buffer<T>&& buffer) {
    if (buffer.capacity() > 0) spare_.push_back(std::move(buffer));
  }

 private:
  std::vector<Buffer<T>> spare_;
};

}  // namespace octet::model
