// The files of the repository, for the tests of the house rules.
#ifndef SIGNINWATCH_TESTS_HOUSE_TREE_H_
#define SIGNINWATCH_TESTS_HOUSE_TREE_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::house {

struct SourceFile {
  std::string path;  // from the repository's root, with slashes
  std::string text;

  [[nodiscard]] bool IsCpp() const { return path.ends_with(".cc") || path.ends_with(".h"); }
  [[nodiscard]] bool IsIn(std::string_view folder) const;  // "parser/"
  [[nodiscard]] std::string_view FileName() const;
  [[nodiscard]] std::vector<std::string> Lines() const;
  // What its #include lines name, without quotes or brackets.
  [[nodiscard]] std::vector<std::string> Includes() const;
};

// Every file but those under .git, build folders and caches; sorted by path. Read once.
[[nodiscard]] const std::vector<SourceFile>& Tree();
// The text of one file; empty when there is none.
[[nodiscard]] std::string TextOf(std::string_view path);
// Folders that hold files, those below the second level counted as their parents: "daemon/config".
[[nodiscard]] std::set<std::string> Folders();

}  // namespace signinwatch::house

#endif  // SIGNINWATCH_TESTS_HOUSE_TREE_H_
