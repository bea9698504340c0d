#include "io/atomic_file.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "quadric/base/misuse.hpp"

namespace quadric {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string complaint(const fs::path& path, std::string_view text = "text") {
  try {
    write_file(path, text);
  } catch (const Misuse& error) {
    return error.what();
  }
  return "no complaint";
}

class AtomicFile : public testing::Test {
 protected:
  AtomicFile() { fs::create_directories(folder_); }
  ~AtomicFile() override { fs::remove_all(folder_); }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(folder_), {}); }
  const fs::path folder_ =
      fs::path(testing::TempDir()) /
      (std::string("quadric_file_") + testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(AtomicFile, WritesANewFileAndReplacesAnOldOne) {
  const fs::path path = folder_ / "out.json";
  const std::string binary("a\0b\r\n\xFF", 6);
  write_file(path, binary);
  EXPECT_EQ(read(path), binary);
  write_file(path, std::string(3000000, 'z'));
  EXPECT_EQ(read(path), std::string(3000000, 'z'));
  write_file(path, "");
  EXPECT_EQ(read(path), "");
  EXPECT_EQ(files(), 1);
}

TEST_F(AtomicFile, NewFilesHaveTheUsualPermissionsAndOldOnesKeepTheirs) {
  std::ofstream(folder_ / "usual") << "x";
  write_file(folder_ / "new", "text");
  EXPECT_EQ(fs::status(folder_ / "new").permissions(), fs::status(folder_ / "usual").permissions());
  fs::permissions(folder_ / "usual", fs::perms(0640));
  write_file(folder_ / "usual", "text");
  EXPECT_EQ(fs::status(folder_ / "usual").permissions(), fs::perms(0640));
}

TEST_F(AtomicFile, ALinkStaysALink) {
  write_file(folder_ / "target", "old");
  fs::create_symlink("target", folder_ / "link");
  write_file(folder_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read(folder_ / "target"), "new");
  EXPECT_EQ(files(), 2);
}

TEST_F(AtomicFile, APipeIsWrittenToAsItStands) {
  const fs::path path = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = read(path); });
  write_file(path, "text");
  reader.join();
  EXPECT_EQ(got, "text");
  EXPECT_TRUE(fs::is_fifo(path));
}

TEST_F(AtomicFile, SaysWhichPathCanNotBeWrittenAndWhy) {
  EXPECT_THAT(complaint(folder_ / "none" / "out"), AllOf(HasSubstr("cannot write '"), HasSubstr("none/out'"),
                                                         HasSubstr("No such file or directory")));
  EXPECT_THAT(complaint(folder_), HasSubstr("Is a directory"));
  EXPECT_THAT(complaint(""), HasSubstr("cannot write ''"));
  EXPECT_THAT(complaint("/dev/full"), HasSubstr("'/dev/full': No space left on device"));
  EXPECT_EQ(files(), 0);
}

TEST_F(AtomicFile, AFailureLeavesTheOldFileAsItWas) {
  const fs::path path = folder_ / "out";
  write_file(path, "old");
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  rlimit small = limit;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = complaint(path, std::string(5000, 'z'));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  EXPECT_THAT(message, HasSubstr("File too large"));
  EXPECT_EQ(read(path), "old");
  EXPECT_EQ(files(), 1);
}

}  // namespace
}  // namespace quadric
