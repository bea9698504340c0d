#include "cli/browser.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quadric::testing {

bool there_is_a_browser() { return std::filesystem::exists("/usr/bin/chromium"); }

std::string drawn(const std::string& page, const TemporaryFolder& folder) {
  const std::string command =
      "HOME='" + folder.path("home") +
      "' timeout 300 /usr/bin/chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--user-data-dir='" +
      folder.path("profile") + "' --virtual-time-budget=20000 --dump-dom 'file://" + page + "' 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string dom;
  char buffer[4096];
  for (std::size_t read = 0; (read = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    dom.append(buffer, read);
  EXPECT_THAT(dom, ::testing::HasSubstr("</html>")) << "Chromium printed no page";
  return dom;
}

}  // namespace quadric::testing
