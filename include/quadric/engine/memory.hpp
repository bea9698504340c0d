#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "quadric/base/types.hpp"

namespace quadric {

/// What a part of a run knows of the iterations so far, under names. One function of that part,
/// `remember(Memory&)`, both writes it down and takes it back, so that the two can not differ:
///
///     void remember(Memory& memory) override {
///       memory.option("acceptance", options_.acceptance);
///       memory.item("radius", radius_);
///     }
///
/// After that the part must go on as if it had never been interrupted, bit for bit.
class Memory {
 public:
  using Value = std::variant<double, Index, bool, Vector, Matrix, std::string>;
  using Items = std::vector<std::pair<std::string, Value>>;

  /// To be written to.
  Memory() = default;
  /// To be read from; `owner` says in messages whose memory it is.
  Memory(Items items, std::string owner)
      : items_(std::move(items)), owner_(std::move(owner)), reading_(true) {}

  bool reading() const noexcept { return reading_; }
  const Items& items() const noexcept { return items_; }

  /// Writes a value or takes it back. `Misuse` where nothing of that name and type was written.
  template <class T>
  void item(const std::string& name, T& value) {
    if (!reading_) {
      items_.emplace_back(name, Value(std::in_place_type<T>, value));
      return;
    }
    const T* known = std::get_if<T>(&find(name));
    if (known == nullptr) refuse(name);
    value = *known;
  }

  /// Writes an option that rules the part, or compares it with what was written: `Misuse`, naming both, where
  /// they differ. NaN stands for an option that was left empty.
  void option(const std::string& name, double value);

 private:
  const Value& find(const std::string& name) const;
  [[noreturn]] void refuse(const std::string& name) const;

  Items items_;
  std::string owner_;
  bool reading_ = false;
};

}  // namespace quadric
