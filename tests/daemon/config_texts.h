// Configurations as texts: what is wrong with one, and what one says that has to be right.
#ifndef SIGNINWATCH_TESTS_DAEMON_CONFIG_TEXTS_H_
#define SIGNINWATCH_TESTS_DAEMON_CONFIG_TEXTS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"

namespace signinwatch {

[[nodiscard]] inline std::vector<std::string> ErrorsOf(std::string_view text) {
  return config::ParseConfig(text, "f").errors;
}

[[nodiscard]] inline config::Config Good(std::string_view text) {
  config::ConfigResult result = config::ParseConfig(text, "f");
  EXPECT_THAT(result.errors, testing::IsEmpty()) << text;
  return result.config.value_or(config::Config{});
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_CONFIG_TEXTS_H_
