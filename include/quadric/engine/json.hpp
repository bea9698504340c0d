#pragma once

#include <string>

#include "quadric/engine/result.hpp"

namespace quadric {

/// A result as one JSON object (schema `quadric/run/1`, see docs), in UTF-8, indented, without a line end.
/// Numbers are written so that reading them gives the same bits; what is not finite or not known is `null`.
std::string to_json(const Result& result);

}  // namespace quadric
