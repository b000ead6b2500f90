-- Answers "a TAB b" lines with -1, 0, 1, or x if a version is not valid.
import Distribution.Parsec (simpleParsec)
import Distribution.Version (Version)

main :: IO ()
main = interact (unlines . map answer . lines)

answer :: String -> String
answer line =
  case (simpleParsec a, simpleParsec (drop 1 b)) :: (Maybe Version, Maybe Version) of
    (Just v, Just w) -> show (fromEnum (compare v w) - 1)
    _ -> "x"
  where
    (a, b) = break (== '\t') line
