#include "quadric/base/misuse.hpp"

namespace quadric {

void misuse(const std::string& sentence) { throw Misuse(sentence); }

}  // namespace quadric
