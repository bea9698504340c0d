#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quadric/fit/formula.hpp"
#include "quadric/problem/loss.hpp"

#include "cli/assignments.hpp"
#include "io/csv.hpp"

namespace quadric::cli {

/// What `--model`, `--response` and `--weights` say; the last two may be empty.
struct FormulaTexts {
  std::string model, response, weights;
};

/// The formulas over the columns of a table, the names assigned being the parameters, and `free` (default:
/// all) the number of those to be found. Throws `Misuse` for a formula that can not be read, a name that is
/// neither parameter nor column, a parameter that neither the model nor `used_elsewhere` has, and too few
/// observations.
Formula make_formula(const FormulaTexts& texts, const CsvTable& table, const Assignments& assigned,
                     const std::vector<std::string>& used_elsewhere = {}, std::optional<Index> free = {});

/// The loss that `--loss` names: "huber:1.5". Throws `Misuse` for another name or a scale that is not
/// positive.
Loss read_loss(const std::string& text);

}  // namespace quadric::cli
