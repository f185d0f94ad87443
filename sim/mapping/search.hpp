#pragma once
#include <map>
#include <optional>

#include "sim/mapping/cost.hpp"

namespace octet::sim {

struct FoundMapping {
  Mapping mapping;
  MappingCost cost;
};

// The mapping of least cost (MappingCost::objective) among the tilings that fit, both loop orders
// and the machine's dataflows; ties go to fewer bytes, then to the first. The candidates do not
// depend on the sizes of the scratchpads, but for parts of a row, which are for those that hold
// none: so a larger one never gives a costlier mapping. nullopt: none fits.
[[nodiscard]] std::optional<FoundMapping> search_mapping(const Product& product, const Drain& drain,
                                                         const Hardware& hw);

enum class MappingStrategy : std::uint8_t {
  kSearch,
  kRuleOfThumb,  // default_tiling(): what the search is held against
};

// Remembers what was found, by shape. For one machine.
class MappingCache {
 public:
  MappingCache(const Hardware& hardware, MappingStrategy strategy)
      : hardware_(hardware), strategy_(strategy) {}
  [[nodiscard]] const std::optional<FoundMapping>& find(const Product& product, const Drain& drain);
  [[nodiscard]] std::size_t size() const { return found_.size(); }

 private:
  using Key = std::array<std::int64_t, 36>;
  [[nodiscard]] std::optional<FoundMapping> map(const Product& product, const Drain& drain) const;
  const Hardware& hardware_;
  MappingStrategy strategy_;
  std::map<Key, std::optional<FoundMapping>> found_;
};

}  // namespace octet::sim
