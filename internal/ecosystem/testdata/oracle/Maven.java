// Answers "a TAB b" lines with -1, 0 or 1.
import java.io.*;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Maven {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
        for (String line; (line = in.readLine()) != null; ) {
            String[] v = line.split("\t");
            out.println(Integer.signum(new ComparableVersion(v[0]).compareTo(new ComparableVersion(v[1]))));
        }
        out.flush();
    }
}
