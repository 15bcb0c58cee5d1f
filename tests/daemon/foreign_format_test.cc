// Files that people give to `replay` and that no record can be read of, by their first bytes.
#include "daemon/files/foreign_format.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace {

using std::string_literals::operator""s;

struct Case {
  const char* what;
  std::string beginning;
  ForeignFormat format;
};

TEST(ForeignFormatTest, IsToldByTheFirstBytes) {
  const Case kCases[] = {
      {"the portal's download", "Date (UTC),Request ID,User agent,Correlation ID\r\n2026-01-01,",
       ForeignFormat::kCsv},
      {"its quoted sister", "\xef\xbb\xbf\"TenantId\",\"SourceSystem\",\"TimeGenerated [UTC]\"\n",
       ForeignFormat::kCsv},
      {"semicolons",
       "Datum;Benutzer;R\xc3\xbc"
       "ckgabe\n",
       ForeignFormat::kCsv},
      {"tabs", "Time\tUser\tStatus", ForeignFormat::kCsv},
      {"Excel's own line", "sep=,\r\nTime,User\r\n", ForeignFormat::kCsv},
      {"Capture",
       "Obj\x01\x04\x16"s + "avro.schema\xec\x06{\"type\":\"record\",\"name\":\"EventData\"",
       ForeignFormat::kAvroCapture},
      {"Avro", "Obj\x01\x04{\"name\":\"Order\"}", ForeignFormat::kAvro},
      {"zip", "PK\x03\x04\x14signins.json", ForeignFormat::kZip},
      {"empty zip", "PK\x05\x06"s + std::string(18, '\0'), ForeignFormat::kZip},
      {"xlsx", "PK\x03\x04[Content_Types].xml PK\x03\x04xl/workbook.xml",
       ForeignFormat::kSpreadsheet},
      {"ods", "PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
       ForeignFormat::kSpreadsheet},
      {"xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0"s, ForeignFormat::kSpreadsheet},
      {"Parquet", "PAR1\x15", ForeignFormat::kParquet},
      {"gzip in gzip", "\x1f\x8b\x08", ForeignFormat::kGzip},
      {"zstd", "\x28\xb5\x2f\xfd\x24", ForeignFormat::kZstandard},
      {"xz", "\xfd"s + "7zXZ\0"s, ForeignFormat::kXz},
      {"bzip2", "BZh91AY", ForeignFormat::kBzip2},
      {"PDF", "%PDF-1.7", ForeignFormat::kPdf},
      {"XML", "<?xml version=\"1.0\"?>", ForeignFormat::kXml},
      {"a page to log in", "\n<!DOCTYPE html><html>", ForeignFormat::kHtml},
      // What may be ours, however broken.
      {"nothing", "", ForeignFormat::kNone},
      {"blanks", " \r\n", ForeignFormat::kNone},
      {"a batch", R"({"records":[{"time":"x","category":"y"}]})", ForeignFormat::kNone},
      {"lines", "{\"a\":1,\"b\":2,\"c\":3}\n{}", ForeignFormat::kNone},
      {"an array", "[\n1,\n2,\n3]", ForeignFormat::kNone},
      {"pseudo-JSON", "{'a':1,'b':2,'c':3}", ForeignFormat::kNone},
      {"the middle of a record", "\"a\":1,\"b\":2,\"c\":3}]}", ForeignFormat::kNone},
      {"a sentence", "Nothing to see, really", ForeignFormat::kNone},
      {"a log line", "2026-11-24T09:00:00Z level=info, message=x, more=y", ForeignFormat::kNone},
      {"numbers", "1,2,3\n", ForeignFormat::kNone},
  };
  for (const Case& c : kCases) {
    const ForeignFormat format = RecogniseForeignFormat(c.beginning);
    EXPECT_EQ(ForeignFormatName(format), std::string_view(ForeignFormatName(c.format))) << c.what;
    EXPECT_EQ(format, c.format) << c.what;
  }
}

TEST(ForeignFormatTest, HasWordsForEach) {
  for (int i = 1; i <= static_cast<int>(ForeignFormat::kZstandard); ++i) {
    EXPECT_STRNE(ForeignFormatName(static_cast<ForeignFormat>(i)), "") << i;
    EXPECT_STRNE(ForeignFormatAdvice(static_cast<ForeignFormat>(i)), "") << i;
  }
  EXPECT_STREQ(ForeignFormatName(ForeignFormat::kNone), "");
  EXPECT_STREQ(ForeignFormatName(ForeignFormat::kAvroCapture), "Avro of Event Hubs Capture");
}

// It is asked about anything: messages of a topic too.
TEST(ForeignFormatTest, LooksAtTheBeginningAlone) {
  const std::string far = "PK\x03\x04" + std::string(kForeignFormatBytes, ' ') + "xl/workbook.xml";
  EXPECT_EQ(RecogniseForeignFormat(far), ForeignFormat::kZip);
}

}  // namespace
}  // namespace signinwatch
