#include "cli/version.hpp"

#ifndef QUADRIC_VERSION
#define QUADRIC_VERSION "unknown"
#endif
#ifndef QUADRIC_BUILD_TYPE
#define QUADRIC_BUILD_TYPE "unknown"
#endif

namespace quadric::cli {

namespace {

#if defined(__clang__)
constexpr const char* compiler = "clang++ " __clang_version__;
#elif defined(__GNUC__)
constexpr const char* compiler = "g++ " __VERSION__;
#else
constexpr const char* compiler = "unknown";
#endif

#if defined(__AVX512F__)
constexpr const char* instructions = "x86-64 with AVX-512";
#elif defined(__AVX2__)
constexpr const char* instructions = "x86-64 with AVX2";
#elif defined(__x86_64__)
constexpr const char* instructions = "plain x86-64 (SSE2)";
#else
constexpr const char* instructions = "the compiler's default for this machine";
#endif

}  // namespace

std::string version_text() {
  const std::string build_type = QUADRIC_BUILD_TYPE;
  return std::string("quadric ") + QUADRIC_VERSION + "\ncompiler: " + compiler +
         "\nbuild type: " + (build_type.empty() ? "none" : build_type) + "\ninstruction set: " + instructions;
}

}  // namespace quadric::cli
