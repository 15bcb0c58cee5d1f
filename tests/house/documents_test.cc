// House rules of the documents: what they say is so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "daemon/config/reference.h"
#include "tests/house/tree.h"

namespace signinwatch::house {
namespace {

using testing::ContainerEq;
using testing::IsEmpty;
using testing::Not;

// All first groups of `pattern` in `text`.
std::set<std::string> Matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> matches;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), regex);
       at != std::sregex_iterator(); ++at) {
    matches.insert((*at)[1].str());
  }
  return matches;
}

TEST(Architecture, FolderTableNamesTheFoldersThatExist) {
  // Rows begin with the folder: | `daemon/config/` | ...
  EXPECT_THAT(Matches(TextOf("ARCHITECTURE.md"), "\n\\| `([^`]+)/` \\|"), ContainerEq(Folders()));
}

TEST(Configuration, DocumentsComeFromTheOptionTable) {
  EXPECT_TRUE(TextOf("deploy/CONFIGURATION.md") == ConfigurationReference()) << "run ./dev docs";
  EXPECT_TRUE(TextOf("deploy/config.example.yaml") == ConfigurationExample()) << "run ./dev docs";
}

TEST(Documents, NameCommandsOfDevThatExist) {
  const std::set<std::string> commands = Matches(TextOf("dev"), "\n  ([a-z0-9]+)(?: \\|[^)]*)?\\)");
  EXPECT_THAT(commands, Not(IsEmpty()));
  std::vector<std::string> findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".md") && file.path != ".ci/run") continue;
    for (const std::string& command : Matches(file.text, "\\./dev ([a-z0-9]+)")) {
      if (!commands.contains(command)) findings.push_back(file.path + ": ./dev " + command);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
  // Each is in the usage text too.
  for (const std::string& command : commands) {
    EXPECT_NE(TextOf("dev").find("\n  " + command + " "), std::string::npos) << command;
  }
}

TEST(Documents, LinkToFilesThatExist) {
  std::vector<std::string> findings;
  for (const SourceFile& file : Tree()) {
    if (!file.path.ends_with(".md")) continue;
    for (const std::string& link : Matches(file.text, "\\]\\(([^):#]+)[)#]")) {
      const auto target = std::filesystem::path(SIGNINWATCH_SOURCE_DIR) /
                          std::filesystem::path(file.path).parent_path() / link;
      if (!std::filesystem::exists(target)) findings.push_back(file.path + ": " + link);
    }
  }
  EXPECT_THAT(findings, IsEmpty());
}

TEST(Documents, Exist) {
  for (const char* path : {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
                           "LICENSE", ".ci/run", "dev"}) {
    EXPECT_THAT(TextOf(path), Not(IsEmpty())) << path;
  }
}

}  // namespace
}  // namespace signinwatch::house
