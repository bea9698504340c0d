#include "quadric/engine/memory.hpp"

#include <algorithm>
#include <cmath>

#include "quadric/base/misuse.hpp"

#include "base/text.hpp"

namespace quadric {

namespace {

constexpr int all_digits = 17;

std::string describe(double option) {
  return std::isnan(option) ? "its default" : text::number(option, all_digits);
}

}  // namespace

void Memory::option(const std::string& name, double value) {
  double written = value;
  item(name, written);
  if (written == value || (std::isnan(written) && std::isnan(value))) return;
  misuse("the checkpoint was written with another option of the " + owner_ + ": " + name + " was " +
         describe(written) + " and is " + describe(value) + " now");
}

const Memory::Value& Memory::find(const std::string& name) const {
  const auto place =
      std::find_if(items_.begin(), items_.end(), [&](const auto& item) { return item.first == name; });
  if (place == items_.end()) refuse(name);
  return place->second;
}

void Memory::refuse(const std::string& name) const {
  misuse("the checkpoint does not hold what the " + owner_ + " needs: '" + name +
         "' is missing or of another kind");
}

}  // namespace quadric
