// Prints the dependencies of all pom.xml below a directory, as Maven's own
// model builder sees them: path, group, artifact, type, classifier, version and
// scope, with tabs between them. Parents and imports are found in the directory
// alone.
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.Parent;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.FileModelSource;
import org.apache.maven.model.building.ModelBuildingException;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.model.building.ModelSource;
import org.apache.maven.model.resolution.ModelResolver;
import org.apache.maven.model.resolution.UnresolvableModelException;

public class Poms {
    static final Map<String, File> tree = new HashMap<>(); // by group:artifact:version

    static class Tree implements ModelResolver {
        public ModelSource resolveModel(String group, String artifact, String version) throws UnresolvableModelException {
            File f = tree.get(group + ":" + artifact + ":" + version);
            if (f == null) throw new UnresolvableModelException("not in the tree", group, artifact, version);
            return new FileModelSource(f);
        }

        public ModelSource resolveModel(Parent p) throws UnresolvableModelException {
            return resolveModel(p.getGroupId(), p.getArtifactId(), p.getVersion());
        }

        public ModelSource resolveModel(Dependency d) throws UnresolvableModelException {
            return resolveModel(d.getGroupId(), d.getArtifactId(), d.getVersion());
        }

        public void addRepository(Repository r) {}

        public void addRepository(Repository r, boolean replace) {}

        public ModelResolver newCopy() { return this; }
    }

    static Model build(Path pom) throws ModelBuildingException {
        DefaultModelBuildingRequest r = new DefaultModelBuildingRequest();
        r.setPomFile(pom.toFile());
        r.setModelResolver(new Tree());
        r.setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL);
        r.setProcessPlugins(false);
        r.setSystemProperties(new Properties());
        try {
            return new DefaultModelBuilderFactory().newInstance().build(r).getEffectiveModel();
        } catch (ModelBuildingException e) {
            // A dependency without a version is an error, but the model is made.
            if (!e.getProblems().stream().allMatch(p -> p.getMessage().contains(".version' for"))) throw e;
            return e.getResult().getEffectiveModel();
        }
    }

    static String text(String s) { return s == null ? "" : s; }

    public static void main(String[] args) throws Exception {
        Path root = Paths.get(args[0]);
        List<Path> poms;
        try (Stream<Path> s = Files.walk(root)) {
            poms = s.filter(p -> p.endsWith("pom.xml")).sorted().collect(Collectors.toList());
        }
        // Lists of versions come before what imports them once their names are known.
        for (int round = 0; round < 3; round++) {
            for (Path p : poms) {
                try {
                    Model m = build(p);
                    tree.put(m.getGroupId() + ":" + m.getArtifactId() + ":" + m.getVersion(), p.toFile());
                } catch (ModelBuildingException e) {
                    if (round == 2) throw e;
                }
            }
        }
        for (Path p : poms)
            for (Dependency d : build(p).getDependencies())
                System.out.println(String.join("\t", root.relativize(p).toString(), d.getGroupId(), d.getArtifactId(),
                    d.getType(), text(d.getClassifier()), text(d.getVersion()), d.getScope()));
    }
}
