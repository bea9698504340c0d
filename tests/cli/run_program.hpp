#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace quadric::testing {

/// What a program that ended left behind.
struct Outcome {
  int exit_code = -1;  ///< −1 where a signal ended it
  std::string out;     ///< its stdout
  std::string err;     ///< its stderr
};

/// A folder of its own that goes with its content.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// Writes a file and gives its path.
  std::string file(const std::string& name, const std::string& text) const;
  bool is_empty() const { return std::filesystem::is_empty(folder_); }

 private:
  std::filesystem::path folder_;
};

/// The built program `quadric` as a process, its arguments as they are, without a shell.
class Program {
 public:
  explicit Program(const std::vector<std::string>& arguments);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  /// What it wrote to stderr so far.
  std::string err() const;
  void interrupt() const;
  /// Waits for its end.
  Outcome wait();

 private:
  TemporaryFolder folder_;
  pid_t process_ = -1;
};

/// Runs the program to its end.
Outcome run(const std::vector<std::string>& arguments);

std::string read_text(const std::filesystem::path& path);

}  // namespace quadric::testing
