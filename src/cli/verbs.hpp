#pragma once

#include "cli/options.hpp"

namespace quadric::cli {

/// Each does its verb's work and returns the exit code; `Misuse` is thrown before anything is written.
int run_verb(const Text& text);
int run_verb(const FitCommand& command);
int run_verb(const MinimizeCommand& command);
int run_verb(const AnalyzeCommand& command);
int run_verb(const CheckCommand& command);
int run_verb(const CompareCommand& command);
int run_verb(const ReplayCommand& command);
int run_verb(const DiffCommand& command);
int run_verb(const ManualCommand& command);

}  // namespace quadric::cli
