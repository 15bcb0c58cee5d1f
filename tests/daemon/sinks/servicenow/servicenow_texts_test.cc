#include "daemon/sinks/servicenow/servicenow_texts.h"

#include <gtest/gtest.h>

namespace signinwatch::sinks {
namespace servicenow_texts_test {

TEST(ServiceNowTexts, CodeTagsAreBrokenUp) {
  EXPECT_EQ(WithoutCodeTags("a[b] [code] c"),
            "a[b] [\xE2\x80\x8B"
            "code] c");
  EXPECT_EQ(WithoutCodeTags("[/Code]["), "[\xE2\x80\x8B/Code][");
}

TEST(ServiceNowTexts, KnowsItsOwnNotes) {
  EXPECT_TRUE(IsOurNote("Over.\n\nReference: t1/12"));
  EXPECT_TRUE(IsOurNote("Over.\r\n\r\nReference: t1/12\r\n"));
  EXPECT_FALSE(IsOurNote(""));
  EXPECT_FALSE(IsOurNote("False positive"));
  EXPECT_FALSE(IsOurNote("Reference: CHG0030001"));
  EXPECT_FALSE(IsOurNote("Reference: t1/12\nand then some"));
}

TEST(ServiceNowTexts, ImpactBySeverity) {
  EXPECT_EQ(ImpactOf("critical"), "1");
  EXPECT_EQ(ImpactOf("high") + ImpactOf("medium"), "22");
  EXPECT_EQ(ImpactOf("low") + ImpactOf("info"), "33");
}

}  // namespace servicenow_texts_test
}  // namespace signinwatch::sinks
