// Files of the source tree, by their names in it.
#ifndef SIGNINWATCH_TESTS_DEPLOY_DEPLOY_FILES_H_
#define SIGNINWATCH_TESTS_DEPLOY_DEPLOY_FILES_H_

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace signinwatch {

inline std::string PathOf(const std::string& name) {
  return std::string(SIGNINWATCH_SOURCE_DIR) + "/" + name;
}

inline std::string TextOf(const std::string& name) {
  std::ifstream file(PathOf(name));
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << name;
  return text.str();
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DEPLOY_DEPLOY_FILES_H_
