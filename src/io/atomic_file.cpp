#include "io/atomic_file.hpp"

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "quadric/base/misuse.hpp"

namespace quadric {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& path, const std::error_code& why) {
  misuse("cannot write '" + path.string() + "': " + why.message());
}

std::error_code last_error() { return {errno, std::generic_category()}; }

/// A file that is open for writing; closed when it goes.
class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666)) {
    if (descriptor_ < 0) error_ = last_error();
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { close(); }

  void write(std::string_view text) {
    while (!error_ && !text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written >= 0) {
        text.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EINTR) {
        error_ = last_error();
      }
    }
  }
  void take_permissions_of(const fs::path& path) {
    struct stat other = {};
    if (!error_ && ::stat(path.c_str(), &other) == 0 && ::fchmod(descriptor_, other.st_mode & 07777U) != 0) {
      error_ = last_error();
    }
  }
  /// To the disk, where the file system knows how.
  void synchronize() {
    if (!error_ && ::fsync(descriptor_) != 0 && errno != EINVAL) error_ = last_error();
  }
  void close() {
    if (descriptor_ >= 0 && ::close(descriptor_) != 0 && !error_) error_ = last_error();
    descriptor_ = -1;
  }
  /// The first thing that went wrong.
  const std::error_code& error() const noexcept { return error_; }

 private:
  int descriptor_;
  std::error_code error_;
};

/// Whether a path leads to a device, a pipe or an open descriptor, which no file may replace.
bool is_stream(const fs::path& path, const fs::file_status& status) {
  const std::string absolute = path.lexically_normal().string();
  return absolute.starts_with("/dev/") || absolute.starts_with("/proc/") ||
         (fs::exists(status) && !fs::is_regular_file(status));
}

fs::path temporary_beside(const fs::path& path) {
  static std::atomic<unsigned> count = 0;
  return path.parent_path() /
         (".quadric-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".part");
}

std::error_code write_stream(const fs::path& path, std::string_view text) {
  OpenFile file(path, O_APPEND);
  file.write(text);
  file.close();
  return file.error();
}

std::error_code replace_file(const fs::path& target, std::string_view text) {
  const fs::path temporary = temporary_beside(target);
  OpenFile file(temporary, O_CREAT | O_EXCL);
  if (file.error()) return file.error();
  file.take_permissions_of(target);
  file.write(text);
  file.synchronize();
  file.close();
  std::error_code error = file.error(), ignored;
  if (!error) fs::rename(temporary, target, error);
  if (error) fs::remove(temporary, ignored);
  return error;
}

}  // namespace

void write_file(const fs::path& path, std::string_view text) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status) || !path.has_filename())
    cannot_write(path, std::make_error_code(std::errc::is_a_directory));
  fs::path target = path;
  if (fs::is_symlink(fs::symlink_status(path, error)) && fs::exists(status))
    target = fs::canonical(path, error);
  error = is_stream(path, status) ? write_stream(path, text) : replace_file(target, text);
  if (error) cannot_write(path, error);
}

}  // namespace quadric
