#include "daemon/log/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/daemon/temporary_folder.h"

namespace signinwatch::log {
namespace log_test {

using testing::MatchesRegex;

TEST(Log, GoesWhereItIsConfiguredToGo) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("log");
  const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const LogCounts before = GetLogCounts();
  ConfigureLog({.format = config::LogFormat::kJson}, fd);
  Log(config::LogLevel::kDebug, "unseen");
  Log(config::LogLevel::kError, "seen", {{"path", "a b"}});
  Log(config::LogLevel::kInfo, "seen too");
  EXPECT_THAT(ReadWholeFile(path),
              MatchesRegex(
                  "\\{\"time\":\"20..-..-..T..:..:..\\....Z\",\"level\":\"error\",\"msg\":\"seen\","
                  "\"path\":\"a b\"\\}\n"
                  "\\{\"time\":\"20..-..-..T..:..:..\\....Z\",\"level\":\"info\","
                  "\"msg\":\"seen too\"\\}\n"));
  const LogCounts after = GetLogCounts();
  EXPECT_EQ(after.written[0], before.written[0]);
  EXPECT_EQ(after.written[1], before.written[1] + 1);
  EXPECT_EQ(after.written[3], before.written[3] + 1);
  ConfigureLog({}, STDERR_FILENO);
  ::close(fd);
}

}  // namespace log_test
}  // namespace signinwatch::log
