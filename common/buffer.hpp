#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace octet {

// Memory for arrays: where it is large, in huge pages if the system has them, since walking
// through a tensor would otherwise miss the address cache at each page. Throws std::bad_alloc.
[[nodiscard]] void* allocate_array(std::size_t bytes);
void release_array(void* memory) noexcept;

// An allocator that leaves plain values uninitialised, so that a large result about to be written
// whole is not zeroed first.
template <class T>
struct UninitialisedAllocator {
  using value_type = T;
  UninitialisedAllocator() = default;
  template <class U>
  UninitialisedAllocator(const UninitialisedAllocator<U>&) {}  // NOLINT: as allocators convert
  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(allocate_array(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t /*count*/) noexcept { release_array(memory); }
  template <class U, class... Arguments>
  void construct(U* at, Arguments&&... arguments) {
    if constexpr (sizeof...(Arguments) == 0)
      ::new (static_cast<void*>(at)) U;
    else
      ::new (static_cast<void*>(at)) U(std::forward<Arguments>(arguments)...);
  }
  template <class U>
  bool operator==(const UninitialisedAllocator<U>&) const {
    return true;
  }
};
template <class T>
using Buffer = std::vector<T, UninitialisedAllocator<T>>;

}  // namespace octet
