// Answers lines of a version and a range with 1, 0, or x if Maven does not take
// the range.
import java.io.*;
import org.apache.maven.artifact.versioning.*;

public class Maven {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out));
        for (String line; (line = in.readLine()) != null; ) {
            String[] v = line.split("\t", 5);
            String spec = (v[1].equals(">=") ? "[" : "(") + v[2] + "," + v[4] + (v[3].equals("<=") ? "]" : ")");
            try {
                out.println(VersionRange.createFromVersionSpec(spec).containsVersion(new DefaultArtifactVersion(v[0])) ? 1 : 0);
            } catch (InvalidVersionSpecificationException e) {
                out.println("x");
            }
        }
        out.flush();
    }
}
