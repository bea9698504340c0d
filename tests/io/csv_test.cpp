#include "io/csv.hpp"

#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "quadric/base/misuse.hpp"

namespace quadric {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string complaint(std::string_view text) {
  try {
    parse_csv(text, "data.csv");
  } catch (const Misuse& error) {
    return error.what();
  }
  return "no complaint";
}

TEST(Csv, ReadsNamedColumns) {
  const CsvTable table = parse_csv("x1,x2,y\n1,2.5,-3e-2\n4,5,6\n", "data.csv");
  EXPECT_THAT(table.names(), ElementsAre("x1", "x2", "y"));
  EXPECT_EQ(table.rows(), 2);
  EXPECT_EQ(table.columns(), 3);
  EXPECT_EQ(table.column("x2"), Vector(Point{2.5, 5.0}));
  EXPECT_EQ(table.column(2), Vector(Point{-0.03, 6.0}));
  EXPECT_TRUE(table.has("y"));
  EXPECT_FALSE(table.has("z"));
  EXPECT_EQ(table.source(), "data.csv");
}

TEST(Csv, ReadsWhatOtherProgramsWrite) {
  const CsvTable table = parse_csv(
      "\xEF\xBB\xBF# exported\r\n\r\n \"a b\" , \"he said \"\"y\"\"\",z\r\n\"1\", +2 ,\t7.447168E0\r\n# "
      "between\r\n"
      "-.5,.591E0,1.\r\n\r\n  \r\n",
      "data.csv");
  EXPECT_THAT(table.names(), ElementsAre("a b", "he said \"y\"", "z"));
  EXPECT_EQ(table.column("a b"), Vector(Point{1.0, -0.5}));
  EXPECT_EQ(table.column(1), Vector(Point{2.0, 0.591}));
  EXPECT_EQ(table.column("z"), Vector(Point{7.447168, 1.0}));
}

TEST(Csv, ReadsALastLineWithoutItsEnd) {
  EXPECT_EQ(parse_csv("x\n1\n2", "").column("x"), Vector(Point{1.0, 2.0}));
}

TEST(Csv, GivesObservationsInTheOrderAsked) {
  const Matrix rows = parse_csv("x,y,z\n1,2,3\n4,5,6\n", "data.csv").observations({"z", "x"});
  ASSERT_EQ(rows.rows(), 2);
  ASSERT_EQ(rows.cols(), 2);
  EXPECT_EQ(Vector(rows.col(1)), Vector(Point{6.0, 4.0}));
}

TEST(Csv, NamesTheNearestColumn) {
  const CsvTable table = parse_csv("time,reading\n1,2\n", "data.csv");
  try {
    table.column("tiem");
    FAIL();
  } catch (const Misuse& error) {
    EXPECT_THAT(error.what(), AllOf(StartsWith("data.csv: there is no column 'tiem'"),
                                    HasSubstr("did you mean 'time'?"), HasSubstr("time, reading")));
  }
  EXPECT_THROW(table.column("q"), Misuse);
}

TEST(Csv, SaysWhereARowDoesNotFit) {
  EXPECT_EQ(complaint("x1,x2,y\n1,2,3\n4,5\n"),
            "data.csv:3: 2 fields, but the header has 3 columns (x1, x2, y)");
  EXPECT_EQ(complaint("x\n1,2\n"), "data.csv:2: 2 fields, but the header has 1 column (x)");
  EXPECT_THAT(complaint("x,y\n1,2,\n"), StartsWith("data.csv:2: 3 fields"));
}

TEST(Csv, SaysWhichFieldIsNotANumber) {
  EXPECT_EQ(complaint("# c\nx,y\n1,2\n\r\n3,abc\n").substr(0, 11), "data.csv:4:");  // the empty line
  EXPECT_EQ(complaint("# c\nx,y\n1,2\n# d\n3,abc\n"), "data.csv:5: column 2 ('y'): 'abc' is not a number");
  for (const char* field :
       {"1.5.2", "0x10", "1e", "+-1", "++1", "-+1", "1 2", "1d0", "-", "+", ".", "1_000", "--1"}) {
    EXPECT_THAT(complaint(std::string("x,y\n1,") + field), HasSubstr("is not a number")) << field;
  }
  EXPECT_THAT(complaint("x;y\n1;2\n"), HasSubstr("'1;2' is not a number; fields are separated by commas"));
}

TEST(Csv, RefusesWhatIsNotFinite) {
  for (const char* field : {"nan", "NaN", "inf", "-inf", "Infinity"}) {
    EXPECT_THAT(complaint(std::string("x,y\n1,") + field),
                AllOf(StartsWith("data.csv:2: column 2 ('y'): '"), HasSubstr("is not a finite number")));
  }
  EXPECT_THAT(complaint("x\n1e999\n"), HasSubstr("'1e999' is out of the range of double precision"));
}

TEST(Csv, RefusesWhatIsMissing) {
  EXPECT_THAT(complaint("x,y\n1,\n"), StartsWith("data.csv:2: column 2 ('y'): the field is empty"));
  EXPECT_THAT(complaint("x,y\n1,2\n\n\n3,4\n"), StartsWith("data.csv:3: an empty line"));
  for (const char* empty : {"", "\n\n", "\xEF\xBB\xBF", "# only a comment\n"}) {
    EXPECT_THAT(complaint(empty), StartsWith("data.csv: is empty"));
  }
  EXPECT_THAT(complaint("x,y\n\n"), AllOf(StartsWith("data.csv: "), HasSubstr("no rows")));
}

TEST(Csv, RefusesABadHeader) {
  EXPECT_THAT(complaint("1,2\n3,4\n"), AllOf(StartsWith("data.csv:1:"), HasSubstr("no header line")));
  EXPECT_EQ(complaint("x,y,x\n1,2,3\n"), "data.csv:1: column 3: the name 'x' appears twice");
  EXPECT_EQ(complaint("x,\n1,2\n"), "data.csv:1: column 2: the name is empty");
}

TEST(Csv, RefusesBrokenQuotes) {
  EXPECT_THAT(complaint("x,\"y\n1,2\n"),
              AllOf(StartsWith("data.csv:1: column 2"), HasSubstr("quote is not closed")));
  EXPECT_THAT(complaint("x,\"y\"z\n1,2\n"), HasSubstr("expected a comma after the quoted field 'y'"));
}

TEST(Csv, ShowsStrangeFieldsSafely) {
  const std::string message = complaint("x\n\x01" + std::string(1000, 'z'));
  EXPECT_LT(message.size(), 200U);
  EXPECT_THAT(message, HasSubstr("'?zzz"));
}

TEST(Csv, SaysWhyAFileCannotBeRead) {
  const auto read = [](const std::filesystem::path& path) -> std::string {
    try {
      read_csv(path);
    } catch (const Misuse& error) {
      return error.what();
    }
    return "no complaint";
  };
  EXPECT_EQ(read("no-such-file.csv"), "cannot read 'no-such-file.csv': No such file or directory");
  EXPECT_THAT(read(std::filesystem::temp_directory_path()),
              AllOf(StartsWith("cannot read"), HasSubstr("directory")));
}

TEST(Csv, ReadsTheNistFiles) {
  const std::filesystem::path folder = QUADRIC_SOURCE_DIR "/examples/data/nist";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".csv") continue;
    const CsvTable table = read_csv(entry.path());
    EXPECT_EQ(table.names().back(), "y");
    EXPECT_GE(table.rows(), 6);
    ++files;
  }
  EXPECT_EQ(files, 27);
  EXPECT_EQ(read_csv(folder / "Hahn1.csv").column("y")[0], 0.591);
}

TEST(Csv, NeverBreaksOnRandomText) {
  std::mt19937 random(20240607);
  const std::string letters = "0123456789.eE+-,,,\n\n\r\"\"# \txyinfna\xEF\xBB\xBF\xFF";
  const auto pick = [&](std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  int tables = 0;
  for (int trial = 0; trial < 20000; ++trial) {
    std::string text = trial % 2 == 0 ? "x,y\n1,2\n3,4\n" : "";
    const std::size_t edits = 1 + pick(trial % 2 == 0 ? 3 : 40);
    for (std::size_t k = 0; k < edits; ++k) {
      const char c = pick(10) == 0 ? static_cast<char>(pick(256)) : letters[pick(letters.size())];
      text.insert(pick(text.size() + 1), 1, c);
    }
    try {
      const CsvTable table = parse_csv(text, "random");
      EXPECT_GT(table.rows(), 0);
      for (Index k = 0; k < table.columns(); ++k) EXPECT_TRUE(table.column(k).allFinite());
      ++tables;
    } catch (const Misuse&) {
    }
  }
  EXPECT_GT(tables, 100);
}

}  // namespace
}  // namespace quadric
