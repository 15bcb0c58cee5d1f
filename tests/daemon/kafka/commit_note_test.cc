#include "daemon/kafka/commit_note.h"

#include <gtest/gtest.h>

#include <limits>

namespace signinwatch::kafka {
namespace commit_note_test {

TEST(CommitNoteTest, IsReadAsItWasWritten) {
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(FormatCommitNote({.log = 1'764'158'400, .mark = 7}), "signinwatch 1 1764158400 7");
  for (const CommitNote& note : {CommitNote{}, CommitNote{.log = 1}, CommitNote{.mark = kMost},
                                 CommitNote{.log = kMost, .mark = kMost}}) {
    EXPECT_EQ(ParseCommitNote(FormatCommitNote(note)), note);
  }
  EXPECT_EQ(FormatCommitNote({}), "");
}

TEST(CommitNoteTest, AnotherToolsTextSaysNothing) {
  for (const char* text :
       {"", "signinwatch", "signinwatch 1 ", "signinwatch 1 5", "signinwatch 2 5 6",
        "signinwatch 1 5 6 7", "signinwatch 1 5 -6", "signinwatch 1 5 x",
        "signinwatch 1 5 99999999999999999999", "consumer lag"}) {
    EXPECT_EQ(ParseCommitNote(text), CommitNote{}) << text;
  }
}

}  // namespace commit_note_test
}  // namespace signinwatch::kafka
