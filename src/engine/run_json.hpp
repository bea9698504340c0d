#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "quadric/engine/result.hpp"
#include "quadric/engine/trace.hpp"

namespace quadric {

/// One line of the trace as an object, its keys in the order of the contract; `note` only where there is one.
/// Numbers that are not finite are null.
nlohmann::ordered_json iteration_json(const Iteration& iteration);

/// Appends the same as a line of text, made at a tenth of the cost: a trace is written while the run lasts.
void append_iteration(std::string& text, const Iteration& iteration);

/// A result as the object of schema `quadric/run/1`. Numbers that are not finite are null, and so are the
/// eigenvalues of a certificate that has none. `choice` only where the solver was chosen; without the trace
/// that is an empty array.
nlohmann::ordered_json run_json(const Result& result, bool with_trace = true);

/// The causes of an explanation as a list of objects, the most important first: `cause`, `sentence`,
/// `evidence` {name: number}, `variables`, `iterations` [first, last] where known, `advice`.
nlohmann::ordered_json explanation_json(const Explanation& explanation);

/// The text of a JSON value: on one line where `indent` is negative. Bytes that are not UTF-8 (in names or in
/// messages of a user's function) become U+FFFD; never throws for them.
std::string json_text(const nlohmann::ordered_json& json, int indent = -1);

}  // namespace quadric
