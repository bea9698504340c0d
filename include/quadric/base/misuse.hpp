#pragma once

#include <stdexcept>
#include <string>

namespace quadric {

/// Thrown when a call or an input can not mean anything: wrong sizes, non-finite data, an unknown name. The
/// message says what was wrong and what to do. What merely happens during a run is a `Status` instead.
class Misuse : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Throws `Misuse` with the sentence given.
[[noreturn]] void misuse(const std::string& sentence);

}  // namespace quadric
